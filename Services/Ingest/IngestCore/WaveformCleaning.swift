import TwinCore
import TwinWaveform

extension Cleaner {
    /// How much time one block may take.
    static let waveformSecondsMax = 3600.0
    static let samplesPerSecondRange = 0.01...100_000

    /// Flags what is wrong with a waveform that came packed, and gives it its unit.
    ///
    /// Not a sample of it is changed.
    static func judge(_ block: WaveformBlock, _ observation: inout Observation) {
        guard let waveform = try? WaveformArchive(bytes: block.bytes).waveform() else {
            // Doors prove what they take in; this is for who has none.
            observation.value = .absent
            observation.flags.insert(.deviceInvalid)
            return
        }
        observation.flags.formUnion(waveform.flags)
        observation.flags.formUnion(waveform.findings)
        observation.unit = WaveformKind.unit(
            observation.unit.isEmpty ? waveform.unit : observation.unit)
        if !samplesPerSecondRange.contains(waveform.samplesPerSecond)
            || waveform.durationSeconds > waveformSecondsMax
        {
            observation.flags.insert(.outOfRange)
        }
        guard let kind = WaveformKind(observation.code) else {
            observation.flags.insert(.codeUnknown)
            return
        }
        guard kind == .arterialPressure else { return }
        if observation.unit.isEmpty {
            observation.flags.insert(.unitMissing)
        } else if !["mm[Hg]", "kPa"].contains(observation.unit) {
            observation.flags.insert(.unitUnknown)
        }
    }
}
