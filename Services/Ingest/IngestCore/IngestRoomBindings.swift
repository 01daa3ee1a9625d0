import TwinCore

/// How a message that names no patient finds one: by what an operator has bound.
extension IngestRoom {
    /// The binding that covers every value of the message; otherwise the refusal stands.
    func binding(
        of raw: RawMessage, _ intake: Intake, instead refusal: Refusal
    ) throws(Refusal) -> Binding {
        guard refusal.reason == .noPatient, !raw.things.isEmpty, !bindings.bindings.isEmpty,
            !raw.observations.isEmpty, let nobody = TwinID("nobody")
        else { throw refusal }
        var times: [Instant] = []
        for row in raw.observations {
            let one = try cleaner.clean(
                row, of: raw, twin: nobody, channel: intake.channel, receivedAt: intake.receivedAt)
            // A time that may be hours off can't say who was bound.
            guard one.flags.isDisjoint(with: [.timeMissing, .zoneUnknown, .futureTime]) else {
                throw Refusal(
                    .noPatient, "no patient identifier, and times that no binding can be held to")
            }
            times.append(one.eventTime)
        }
        guard let found = try bindings.one(for: raw.things, at: times) else { throw refusal }
        return found
    }
}
