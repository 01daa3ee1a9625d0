public import TwinCore

/// What a twin's observations say at one moment: a function of their set, never of their order.
public enum Timeline {
    /// The value of every code that speaks now, in ascending order of code.
    public static func latest(
        _ observations: some Collection<StoredObservation>
    )
        -> [StoredObservation]
    {
        LatestValues.all { each in for one in observations { each(one) } }.sorted
    }

    /// The same, from what the twin knew at a past revision.
    public static func latest(
        _ observations: some Collection<StoredObservation>, through revision: Revision
    ) -> [StoredObservation] {
        latest(observations.lazy.filter { $0.commitRevision <= revision })
    }

    /// Whether `new` speaks for its code in the place of `old`.
    ///
    /// A usable value before an unusable one, an unusable one before one from the future, then the
    /// later in canonical order; of the same observation committed twice, the first. What is said in
    /// words for one and the same time (an event and its undo) is what came in last.
    public static func supersedes(_ new: StoredObservation, _ old: StoredObservation) -> Bool {
        let (newRank, oldRank) = (rank(new.observation), rank(old.observation))
        if newRank != oldRank { return newRank > oldRank }
        let (newer, older) = (new.observation, old.observation)
        if newer.eventTime == older.eventTime, newer.receiveTime != older.receiveTime,
            Statement(newer.code) != nil
        {
            return newer.receiveTime > older.receiveTime
        }
        if Observation.canonicalOrder(old.observation, new.observation) { return true }
        if Observation.canonicalOrder(new.observation, old.observation) { return false }
        return new.commitRevision < old.commitRevision
    }

    /// The latest time at which something was measured; nil where no time can be believed.
    public static func lastEventTime(_ observations: some Sequence<Observation>) -> Instant? {
        observations.lazy.filter { !$0.flags.contains(.futureTime) }.map(\.eventTime).max()
    }

    private static func rank(_ observation: Observation) -> Int {
        if observation.isUsable { return 2 }
        return observation.flags.contains(.futureTime) ? 0 : 1
    }
}
