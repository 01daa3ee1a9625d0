public import TwinCore

/// Who goes on in a twin's place, as its latest statement has it.
public struct Survivor: Hashable, Sendable {
    /// The twin itself, once a merge was undone.
    public var twin: TwinID
    /// When that was recorded.
    public var time: Instant
    /// When it came in: of what was recorded at one time, the last that was said holds.
    public var receiveTime: Instant

    public init(twin: TwinID, time: Instant, receiveTime: Instant) {
        self.twin = twin
        self.time = time
        self.receiveTime = receiveTime
    }

    /// What the observation says, if it is of that; nil of what is recorded in the future.
    init?(_ observation: Observation) {
        // Nearly always it is not, and the shortest text tells.
        guard observation.code.value == Statement.survivor.rawValue,
            observation.code == Statement.survivor.code,
            !observation.flags.contains(.futureTime), case .text(let words) = observation.value,
            let twin = TwinID(words)
        else { return nil }
        self.init(
            twin: twin, time: observation.eventTime, receiveTime: observation.receiveTime)
    }

    /// Takes note of an observation: the later statement holds, whatever the order of arrival.
    public static func note(_ observation: Observation, in known: inout Survivor?) {
        guard let new = Survivor(observation) else { return }
        if let old = known,
            (old.time, old.receiveTime, old.twin) >= (new.time, new.receiveTime, new.twin)
        {
            return
        }
        known = new
    }
}
