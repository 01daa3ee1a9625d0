public import TwinCore

extension LinkSession {
    /// Takes in one message of the peer.
    public mutating func received(
        _ header: LinkHeader, _ payload: Payload, at now: Instant
    ) -> [Event] {
        guard state != .closing else { return [] }
        if header.major > LinkHeader.wireMajor { return refuseVersion(header, at: now) }
        switch header.kind {
        case .hello: return greeted(header, at: now)
        case .welcome: return welcomed(header, at: now)
        case .reply: return answered(header, payload, at: now)
        case .reject: return rejected(header, at: now)
        case .goodbye: return left(header, at: now)
        case .heartbeat:
            _ = isKnown(header, at: now)
            return []
        case .request:
            guard isKnown(header, at: now) else { return [] }
            guard header.correlation != 0 else {
                return receivedGarbage(Refusal(.malformed, "a request of correlation 0"))
            }
            switch taken.take(header, payload, at: now) {
            case .nothing: return []
            case .refused(let refusal):
                refuse(header.correlation, refusal)
                return []
            case .new(let ticket):
                return [
                    .request(
                        correlation: ticket, deadlineMs: header.deadlineMs, trace: header.trace,
                        payload)
                ]
            }
        }
    }

    /// The peer sent what could not be read; too much of it ends a listening side's link.
    public mutating func receivedGarbage(_ refusal: Refusal) -> [Event] {
        guard state != .closing else { return [] }
        garbageCount += 1
        let reject = LinkHeader(kind: .reject, session: session, refusal: refusal)
        if !isConnecting, garbageCount > limits.garbageCountMax {
            return end(.refused(refusal), saying: reject)
        }
        // A connecting side that rejects would drop its own link at the peer for one bad message.
        if !isConnecting { say(reject) }
        return []
    }

    /// Whether the message belongs to the session that is up.
    private mutating func isKnown(_ header: LinkHeader, at now: Instant) -> Bool {
        if let peerSession, peerSession == header.session {
            heardAt = now
            return true
        }
        // The peer believes in a link that this side knows nothing of.
        if state == .awaiting { say(LinkHeader(kind: .goodbye, session: session)) }
        return false
    }

    private mutating func greeted(_ header: LinkHeader, at now: Instant) -> [Event] {
        guard !isConnecting, let hello = header.hello else { return [] }
        var events: [Event] = []
        if peerSession != header.session {
            if isUp {
                events = asked.removeAll().map { .failed(correlation: $0, .restarted) }
                events.append(.down(.restarted))
                control.removeAll()
                taken.forget()
            }
            state = .up(hello, session: header.session)
            events.append(.up(hello))
        }
        heardAt = now
        say(
            LinkHeader(
                kind: .welcome, session: session, correlation: header.correlation, hello: own))
        return events
    }

    private mutating func welcomed(_ header: LinkHeader, at now: Instant) -> [Event] {
        guard case .greeting = state, let hello = header.hello,
            header.correlation >= helloCountFirst, header.correlation <= helloCount
        else { return [] }
        if lastPeerSession != header.session { taken.forget() }
        lastPeerSession = header.session
        state = .up(hello, session: header.session)
        control.removeAll()
        heardAt = now
        asked.requeue()
        return [.up(hello)]
    }

    private mutating func answered(
        _ header: LinkHeader, _ payload: Payload, at now: Instant
    ) -> [Event] {
        // A reply names the session that asked.
        guard header.session == session else { return [] }
        heardAt = now
        guard asked.remove(header.correlation) else { return [] }
        return [.reply(correlation: header.correlation, payload)]
    }

    private mutating func rejected(_ header: LinkHeader, at now: Instant) -> [Event] {
        guard let refusal = header.refusal else { return [] }
        guard header.correlation == 0 else {
            guard header.session == session else { return [] }
            heardAt = now
            if let delayMs = refusal.retryAfterMs {
                asked.postpone(header.correlation, byMs: delayMs, at: now)
                return []
            }
            return asked.remove(header.correlation)
                ? [.failed(correlation: header.correlation, .refused(refusal))] : []
        }
        let delayMs = refusal.retryAfterMs.map(Int.init) ?? limits.resendMsMax
        return lost(.refused(refusal), greetAt: now.adding(milliseconds: delayMs), at: now)
    }

    private mutating func left(_ header: LinkHeader, at now: Instant) -> [Event] {
        guard isUp else { return [] }
        if header.session == peerSession {
            let greetAt = now.adding(milliseconds: limits.heartbeatMs)
            return lost(.closed, greetAt: greetAt, at: now)
        }
        // Only a listening peer that knows nothing of the link says this.
        return isConnecting ? lost(.restarted, greetAt: now, at: now) : []
    }

    private mutating func refuseVersion(_ header: LinkHeader, at now: Instant) -> [Event] {
        let refusal = Refusal(
            .wrongVersion,
            "the peer speaks version \(header.major) of the wire, this side up to "
                + "\(LinkHeader.wireMajor): upgrade this side first")
        guard isConnecting else {
            let reject = LinkHeader(kind: .reject, session: session, refusal: refusal)
            return end(.refused(refusal), saying: reject)
        }
        return lost(
            .refused(refusal), greetAt: now.adding(milliseconds: limits.resendMsMax), at: now)
    }
}
