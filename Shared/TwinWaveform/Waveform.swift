public import TwinCore

/// One signal of a recording: whole numbers as the device made them, and what they mean.
public struct Waveform: Hashable, Sendable {
    /// Stands for a sample that was not measured: never zero, never a value.
    public static let missing = Int32.min

    /// What the device calls the signal.
    public var label: String
    /// The unit of ``value(at:)``, as its source wrote it; empty where it wrote none.
    public var unit: String
    /// From the file, never from a setting.
    public var samplesPerSecond: Double
    public var scale: WaveformScale
    public var samples: [Int32]
    /// What is to be known about all of its samples.
    public var flags: QualityFlags

    public init(
        label: String, unit: String, samplesPerSecond: Double, scale: WaveformScale,
        samples: [Int32], flags: QualityFlags = []
    ) {
        self.label = label
        self.unit = unit
        self.samplesPerSecond = samplesPerSecond
        self.scale = scale
        self.samples = samples
        self.flags = flags
    }

    /// The measured value in ``unit``; nil where it is missing.
    public func value(at index: Int) -> Double? {
        samples[index] == Waveform.missing ? nil : scale.value(of: samples[index])
    }

    public var durationSeconds: Double { Double(samples.count) / samplesPerSecond }

    public var missingCount: Int { samples.count { $0 == Waveform.missing } }
}

/// What one step of a signal's whole numbers is worth.
public struct WaveformScale: Hashable, Sendable {
    public var stepsPerUnit: Double
    /// The number that stands for zero of the unit.
    public var zeroStep: Double

    /// Nil unless both are finite and a step is worth something.
    public init?(stepsPerUnit: Double, zeroStep: Double) {
        guard stepsPerUnit.isFinite, zeroStep.isFinite, stepsPerUnit != 0 else { return nil }
        self.stepsPerUnit = stepsPerUnit
        self.zeroStep = zeroStep
    }

    private init(unscaled: Void) {
        stepsPerUnit = 1
        zeroStep = 0
    }

    /// A step is one of the unit.
    public static let unscaled = WaveformScale(unscaled: ())

    public func value(of step: Int32) -> Double { (Double(step) - zeroStep) / stepsPerUnit }
}

/// Signals that were recorded together, beginning at one moment.
public struct Recording: Hashable, Sendable {
    public var name: String
    /// When its first samples were measured, read as UTC where ``flags`` has `zoneUnknown`; nil
    /// with `timeMissing`.
    public var startedAt: Instant?
    public var waveforms: [Waveform]
    /// What a person or a device wrote beside the signals.
    public var notes: [RecordingNote]
    public var flags: QualityFlags

    public init(
        name: String, startedAt: Instant?, waveforms: [Waveform], notes: [RecordingNote] = [],
        flags: QualityFlags = []
    ) {
        self.name = name
        self.startedAt = startedAt
        self.waveforms = waveforms
        self.notes = notes
        self.flags = flags
    }
}

/// A text that belongs to a moment of a recording.
public struct RecordingNote: Hashable, Sendable {
    public var onsetSeconds: Double
    /// Nil where its source gave none.
    public var durationSeconds: Double?
    public var text: String

    public init(onsetSeconds: Double, durationSeconds: Double?, text: String) {
        self.onsetSeconds = onsetSeconds
        self.durationSeconds = durationSeconds
        self.text = text
    }
}
