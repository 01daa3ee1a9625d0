import TwinCore

/// How inputs become batches, entries and replies.
extension IngestRoom {
    mutating func takeInput(
        _ format: Format, _ bytes: [UInt8], _ peer: Peer, _ receivedAt: Instant
    ) -> [Departure] {
        guard let adapter = adapters[format] else {
            preconditionFailure("the door takes a format that the roster has no adapter for")
        }
        let channel = channel(of: peer)
        let messages = adapter.read(bytes, channel: channel, receivedAt: receivedAt)
        counts.messages += UInt64(messages.count)
        var intake = Intake(
            id: slots.nextID, channel: channel, receivedAt: receivedAt,
            slot: Slot(format: format, peer: peer, byteCount: bytes.count + Slot.overheadByteCount))
        if slots.byteCount + intake.slot.byteCount > settings.pendingByteCountMax {
            counts.overloads += 1
            // What is refused at once is not held: only its reply may wait for its turn.
            intake.slot.byteCount = Slot.overheadByteCount
            for message in messages { refuseForOverload(message, adapter, &intake) }
        } else {
            for message in messages { take(message, bytes, adapter, &intake) }
        }
        return enter(intake)
    }

    mutating func takeBatch(
        _ batch: ObservationBatch, _ byteCount: Int, _ peer: Peer, _ correlation: UInt64,
        _ receivedAt: Instant
    ) -> [Departure] {
        counts.messages += 1
        var intake = Intake(
            id: slots.nextID, channel: channel(of: peer), receivedAt: receivedAt,
            slot: Slot(
                peer: peer, byteCount: byteCount + Slot.overheadByteCount,
                correlation: correlation))
        var part = Part(context: [], outcome: .taken)
        if batch.observations.weight > ObservationBatch.countMax {
            let refusal = Refusal(.tooLarge, "more than \(ObservationBatch.countMax) observations")
            part.outcome = .refused(.refused(correlation: correlation, refusal))
        } else if slots.byteCount + intake.slot.byteCount > settings.pendingByteCountMax {
            counts.overloads += 1
            intake.slot.byteCount = Slot.overheadByteCount
            part.outcome = .refused(
                .refused(correlation: correlation, IngestRoom.overload))
        } else if !batch.observations.isEmpty {
            intake.observations = batch.observations.map {
                cleaner.clean($0, receivedAt: receivedAt)
            }
            part.dependsOn = [SlotBook.token(slot: intake.id)]
        }
        intake.slot.parts = [part]
        return enter(intake)
    }

    mutating func takeUnreadable(
        _ format: Format, _ bytes: [UInt8], _ refusal: Refusal, _ peer: Peer,
        _ correlation: UInt64?, _ receivedAt: Instant
    ) -> [Departure] {
        counts.messages += 1
        var intake = Intake(
            id: slots.nextID, channel: channel(of: peer), receivedAt: receivedAt,
            slot: Slot(format: format, peer: peer, byteCount: bytes.count + Slot.overheadByteCount))
        let message = ReadMessage(
            inputRange: 0..<bytes.count, replyContext: [], identity: nil,
            fingerprint: Fingerprint.of(bytes.span), content: .refused(refusal, reply: []))
        guard let correlation else {
            _ = intake.addEntry(message, bytes, refusal, isAcknowledged: false)
            return enter(intake)
        }
        let reply: Reply =
            adapters[format].map { .bytes($0.reply(to: bytes, refusal: refusal, at: receivedAt)) }
            ?? .refused(correlation: correlation, refusal)
        refuse(message, bytes, refusal, reply, &intake)
        return enter(intake)
    }

    static let overload = Refusal(
        .overloaded, "too many inputs wait to be stored", retryAfterMs: 1000)

    private func refuseForOverload(
        _ message: ReadMessage, _ adapter: any Adapter, _ intake: inout Intake
    ) {
        let reply = adapter.reply(
            to: message.replyContext, refusal: IngestRoom.overload, at: intake.receivedAt)
        intake.slot.byteCount += reply.count
        intake.slot.parts.append(Part(context: [], outcome: .refused(.bytes(reply))))
    }

    private mutating func take(
        _ message: ReadMessage, _ input: [UInt8], _ adapter: any Adapter, _ intake: inout Intake
    ) {
        switch message.content {
        case .refused(let refusal, let reply):
            refuse(message, input, refusal, .bytes(reply), &intake)
        case .observations(let raw):
            do {
                try take(raw, message, input, &intake)
            } catch {
                let reply = adapter.reply(
                    to: message.replyContext, refusal: error, at: intake.receivedAt)
                refuse(message, input, error, .bytes(reply), &intake)
            }
        case .setAside(let reason): setAside(message, input, reason, &intake)
        }
    }

    private mutating func take(
        _ raw: RawMessage, _ message: ReadMessage, _ input: [UInt8], _ intake: inout Intake
    ) throws(Refusal) {
        var part = Part(context: message.replyContext, outcome: .taken)
        if try isRepeat(message, &part, intake) {
            intake.slot.parts.append(part)
            return
        }
        let refusedRows = try cleanForPatient(raw, &intake)
        try checkMerge(&intake)
        if !raw.observations.isEmpty { part.dependsOn = [SlotBook.token(slot: intake.id)] }
        if let first = refusedRows.first {
            let reason = Refusal(
                first.reason, "\(refusedRows.count) values left out: \(first.detail)")
            part.dependsOn.append(
                intake.addEntry(message, input, reason, isAcknowledged: true))
        }
        remember(part, intake)
        intake.slot.parts.append(part)
    }

    /// Adds the message's observations, of the patient whom it names or whose its device is bound to.
    private func cleanForPatient(
        _ raw: RawMessage, _ intake: inout Intake
    ) throws(Refusal) -> [Refusal] {
        let twin: TwinID
        do throws(Refusal) {
            twin = try PatientNaming.twin(
                of: raw.patients, in: raw.text, channel: intake.channel)
        } catch {
            let binding = try binding(of: raw, intake, instead: error)
            let start = intake.observations.count
            let refusedRows = try clean(raw, binding.twin, &intake)
            for index in start..<intake.observations.count {
                intake.observations[index].source += " bound by \(binding.operatorName)"
            }
            return refusedRows
        }
        return try clean(raw, twin, &intake)
    }

    /// Refuses a merge that would lead back to the patient whom it retires.
    private mutating func checkMerge(_ intake: inout Intake) throws(Refusal) {
        guard let last = intake.observations.last, last.code == Statement.survivor.code,
            case .text(let words) = last.value, let survivor = TwinID(words)
        else { return }
        guard merges.note(last.twin, into: survivor, at: last.eventTime) else {
            intake.observations.removeLast()
            throw Refusal(.ambiguousPatient, "merge-cycle: that patient is merged into this one")
        }
    }

    /// Keeps what has no place in a twin, once.
    private mutating func setAside(
        _ message: ReadMessage, _ input: [UInt8], _ reason: Refusal?, _ intake: inout Intake
    ) {
        var part = Part(context: message.replyContext, outcome: .taken)
        defer { intake.slot.parts.append(part) }
        guard let reason else { return }
        // An id that comes again with other content is kept again, whatever the settings say.
        if (try? isRepeat(message, &part, intake)) == true { return }
        part.dependsOn = [intake.addEntry(message, input, reason, isAcknowledged: true)]
        remember(part, intake)
    }

    /// Whether the message was taken before; then it waits for what the first one waits for.
    private mutating func isRepeat(
        _ message: ReadMessage, _ part: inout Part, _ intake: Intake
    ) throws(Refusal) -> Bool {
        guard let identity = message.identity else { return false }
        switch verdict(identity, message.fingerprint, intake.id) {
        case .duplicate(let slot):
            counts.duplicates += 1
            // The first one may not be durable yet: then this one waits with it.
            part.dependsOn =
                slot == intake.id
                ? intake.slot.parts.first {
                    $0.memory?.identity == identity
                        && $0.memory?.fingerprint == message.fingerprint
                }?.dependsOn ?? []
                : slots.tokens(slotWaitsFor: slot)
            return true
        case .idReused:
            counts.idsReused += 1
            if settings.refusesReusedIDs {
                throw Refusal(.conflict, "the message id was used for other content")
            }
        case .new: break
        }
        part.memory = (identity, message.fingerprint)
        return false
    }

    private mutating func remember(_ part: Part, _ intake: Intake) {
        guard let memory = part.memory else { return }
        recent.remember(
            identity: memory.identity, fingerprint: memory.fingerprint, slot: intake.id,
            at: intake.receivedAt)
    }

    /// Adds the message's observations to the batch; says which could not be kept.
    private func clean(
        _ raw: RawMessage, _ twin: TwinID, _ intake: inout Intake
    ) throws(Refusal) -> [Refusal] {
        guard intake.observations.count + raw.observations.count <= ObservationBatch.countMax else {
            throw Refusal(.tooLarge, "more than \(ObservationBatch.countMax) observations")
        }
        var refusedRows = raw.refusedRows
        let start = intake.observations.count
        for row in raw.observations {
            do {
                intake.observations.append(
                    try cleaner.clean(
                        row, of: raw, twin: twin, channel: intake.channel,
                        receivedAt: intake.receivedAt))
            } catch {
                refusedRows.append(error)
            }
        }
        // Signals count as their bytes do, which are known only now.
        let weight = intake.observations[start...].weight
        guard intake.weight + weight <= ObservationBatch.countMax else {
            intake.observations.removeSubrange(start...)
            throw Refusal(.tooLarge, "more signal than \(ObservationBatch.countMax) observations")
        }
        intake.weight += weight
        return refusedRows
    }

    private func verdict(
        _ identity: UInt64, _ fingerprint: UInt64, _ slot: UInt64
    ) -> RecentMessages.Verdict {
        #if DEBUG
        if plantedBug == .forgetsDuplicates { return .new }
        #endif
        return recent.verdict(identity: identity, fingerprint: fingerprint)
    }

    private func refuse(
        _ message: ReadMessage, _ input: [UInt8], _ refusal: Refusal, _ reply: Reply,
        _ intake: inout Intake
    ) {
        let token = intake.addEntry(message, input, refusal, isAcknowledged: false)
        intake.slot.parts.append(
            Part(
                context: message.replyContext, outcome: .refused(reply),
                dependsOn: [token]))
    }

    /// Puts the input on its way: the append and the entries leave, and what need not wait.
    private mutating func enter(_ intake: Intake) -> [Departure] {
        var slot = intake.slot
        slot.observationCount = intake.observations.count
        slot.waitsFor =
            slot.parts.count == 1
            ? slot.parts[0].dependsOn : Set(slot.parts.flatMap(\.dependsOn)).sorted()
        var departures = intake.entries.map { Departure.quarantine($0.entry, $0.token) }
        counts.quarantined += UInt64(intake.entries.count)
        let append = SlotBook.token(slot: intake.id)
        if intake.observations.isEmpty {
            // Every value was left out, or none was sent: there is nothing to wait for.
            slot.waitsFor.removeAll { $0 == append }
        } else {
            counts.observations += UInt64(intake.observations.count)
            counts.flaggedObservations += UInt64(
                intake.observations.count { !$0.flags.isDisjoint(with: .unusable) })
            departures.append(.append(ObservationBatch(intake.observations), append))
        }
        #if DEBUG
        if plantedBug == .acknowledgesEarly { slot.waitsFor = [] }
        if plantedBug == .refusesBeforeQuarantine { slot.waitsFor.removeAll { $0 != append } }
        #endif
        slots.add(slot)
        #if DEBUG
        if plantedBug == .refusesBeforeQuarantine { return flush(slot.peer) + departures }
        #endif
        return departures + flush(slot.peer)
    }
}

/// What one input becomes, while it is being read.
struct Intake {
    let id: UInt64
    let channel: Channel
    let receivedAt: Instant
    var slot: Slot
    var observations: [Observation] = []
    /// Of what messages have added to them.
    var weight = 0
    var entries: [(entry: QuarantineEntry, token: IngestToken)] = []

    mutating func addEntry(
        _ message: ReadMessage, _ input: [UInt8], _ reason: Refusal, isAcknowledged: Bool
    ) -> IngestToken {
        let token = SlotBook.token(slot: id, entry: entries.count)
        let entry = QuarantineEntry(
            format: slot.format ?? Format(""), peer: slot.peer, receivedAt: receivedAt,
            reason: reason, isAcknowledged: isAcknowledged, fingerprint: message.fingerprint,
            bytes: Array(input[message.inputRange.clamped(to: input.indices)]))
        entries.append((entry, token))
        return token
    }
}
