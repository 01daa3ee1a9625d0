import TwinCore
import TwinLink

extension LinkContract {
    static let repliesBothWays: @Sendable (inout LinkTalk) throws -> Void = { talk in
        try talk.open()
        talk.ask([1, 2, 3], 11)
        let asked = try talk.waitFor { $0.request(at: $1.server) }
        try talk.expect(asked.payload.body == [1, 2, 3], "the request arrived changed")
        try talk.expect(asked.payload.subject == 7, "the subject was lost")
        let answer = Payload(subject: 8, body: [])
        talk.world.send(
            [.reply(asked.peer, correlation: asked.correlation, answer)], from: talk.server)
        let reply = try talk.waitFor { $0.reply(at: $1.client, to: 11) }
        try talk.expect(reply == answer, "the reply arrived changed")

        let worker = asked.peer
        talk.world.send(
            [.request(worker, Payload(subject: 9, body: [4]), correlation: 11)], from: talk.server)
        let task = try talk.waitFor { $0.request(at: $1.client) }
        talk.world.send(
            [.reply(task.peer, correlation: task.correlation, task.payload)], from: talk.client)
        let result = try talk.waitFor { $0.reply(at: $1.server, to: 11) }
        try talk.expect(result.body == [4], "the listener's request was not answered")
    }

    static let attachments: @Sendable (inout LinkTalk) throws -> Void = { talk in
        try talk.open()
        let large = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        talk.ask([5], 1, attachments: [large, [], [9]])
        let asked = try talk.waitFor { $0.request(at: $1.server) }
        try talk.expect(asked.payload.attachments == [large, [], [9]], "attachments changed")
    }

    static let manyRequests: @Sendable (inout LinkTalk) throws -> Void = { talk in
        try talk.open()
        let count: UInt64 = 2000
        let commands = (1...count).map { number in
            HubCommand.request(
                talk.store, Payload(subject: 1, body: [UInt8(number & 0xFF)]), correlation: number)
        }
        talk.world.send(commands, from: talk.client)
        var answered: Set<UInt64> = []
        var idleMs = 0
        while answered.count < Int(count), idleMs < 10_000 {
            let events = talk.world.events(withinMs: 50)
            idleMs = events.isEmpty ? idleMs + 50 : 0
            var replies: [HubCommand] = []
            for (node, event) in events {
                if case .request(let peer, let correlation, _, _, let payload) = event {
                    try talk.expect(node == talk.server, "a request came back to its sender")
                    replies.append(.reply(peer, correlation: correlation, payload))
                }
                if case .reply(_, let correlation, let payload) = event {
                    try talk.expect(
                        payload.body == [UInt8(correlation & 0xFF)], "the reply of another request")
                    try talk.expect(answered.insert(correlation).inserted, "a second reply")
                }
            }
            talk.world.send(replies, from: talk.server)
        }
        try talk.expect(answered.count == Int(count), "only \(answered.count) were answered")
    }

    static let expires: @Sendable (inout LinkTalk) throws -> Void = { talk in
        try talk.open()
        talk.ask([1], 5, deadlineMs: 300)
        let asked = try talk.waitFor { $0.request(at: $1.server) }
        let failure = try talk.waitFor { $0.failure(at: $1.client, of: 5) }
        try talk.expect(failure == .expired, "\(failure)")
        // Too late, it has no effect.
        talk.world.send(
            [.reply(asked.peer, correlation: asked.correlation, asked.payload)], from: talk.server)
        talk.ask([2], 6)
        let next = try talk.waitFor { $0.request(at: $1.server) }
        talk.world.send(
            [.reply(next.peer, correlation: next.correlation, next.payload)], from: talk.server)
        let reply = try talk.waitFor { $0.reply(at: $1.client, to: 6) }
        try talk.expect(reply.body == [2], "the late reply was taken for another")
    }

    static let refusesLarge: @Sendable (inout LinkTalk) throws -> Void = { talk in
        talk.limits.frameByteCountMax = 10_000
        try talk.open()
        talk.ask([UInt8](repeating: 1, count: 10_001), 1)
        let failure = try talk.waitFor { $0.failure(at: $1.client, of: 1) }
        try talk.expect(failure == .tooLarge, "\(failure)")
    }

    static let keepsWindow: @Sendable (inout LinkTalk) throws -> Void = { talk in
        var narrow = talk.limits
        narrow.windowCount = 2
        narrow.windowByteCount = 1000
        try talk.open(serverLimits: narrow)
        for number in 1...5 { talk.ask([UInt8(number)], UInt64(number)) }
        talk.ask([UInt8](repeating: 1, count: 1001), 6)
        var served: [UInt8] = []
        for _ in 1...5 {
            let asked = try talk.waitFor { $0.request(at: $1.server) }
            let isCrowded = talk.events.contains {
                LinkSighting(node: $0.node, event: $0.event).request(at: talk.server) != nil
            }
            try talk.expect(!isCrowded || served.count < 4, "more than the window came")
            served += asked.payload.body
            talk.world.send(
                [.reply(asked.peer, correlation: asked.correlation, asked.payload)],
                from: talk.server)
        }
        try talk.expect(served.sorted() == [1, 2, 3, 4, 5], "served \(served)")
        let failure = try talk.waitFor { $0.failure(at: $1.client, of: 6) }
        guard case .refused(let refusal) = failure, refusal.reason == .tooLarge else {
            throw Violation(description: "\(failure)")
        }
    }

    static let survivesListener: @Sendable (inout LinkTalk) throws -> Void = { talk in
        try talk.open()
        talk.ask([1], 1)
        _ = try talk.waitFor { $0.request(at: $1.server) }
        try talk.world.kill(talk.server)
        talk.ask([2], 2)
        let down = try talk.waitFor { $0.down(at: $1.client) }
        try talk.expect(down == .silent || down == .restarted, "\(down)")
        talk.server = try talk.world.start()
        try talk.world.listen(
            talk.server, at: 1, hello: LinkTalk.hello("store"), limits: talk.limits)
        for number: UInt64 in 1...2 {
            let asked = try talk.waitFor { $0.request(at: $1.server) }
            try talk.expect(asked.payload.body == [UInt8(number)], "not the oldest first")
            talk.world.send(
                [.reply(asked.peer, correlation: asked.correlation, asked.payload)],
                from: talk.server)
            _ = try talk.waitFor { $0.reply(at: $1.client, to: number) }
        }
    }

    static let losesWorker: @Sendable (inout LinkTalk) throws -> Void = { talk in
        try talk.open()
        guard let worker = talk.worker else { throw Violation(description: "no worker") }
        talk.world.send(
            [.request(worker, Payload(subject: 1, body: [1]), correlation: 1)], from: talk.server)
        _ = try talk.waitFor { $0.request(at: $1.client) }
        try talk.world.kill(talk.client)
        let failure = try talk.waitFor(withinMs: 3000) { $0.failure(at: $1.server, of: 1) }
        try talk.expect(failure == .silent || failure == .unreachable, "\(failure)")
        _ = try talk.waitFor { $0.down(at: $1.server) }
    }

    static let closes: @Sendable (inout LinkTalk) throws -> Void = { talk in
        try talk.open()
        talk.ask([1], 1)
        _ = try talk.waitFor { $0.request(at: $1.server) }
        talk.world.send([.close(talk.store)], from: talk.client)
        let failure = try talk.waitFor { $0.failure(at: $1.client, of: 1) }
        try talk.expect(failure == .closed, "\(failure)")
        let here = try talk.waitFor { $0.down(at: $1.client) }
        try talk.expect(here == .closed, "\(here)")
        let there = try talk.waitFor { $0.down(at: $1.server) }
        try talk.expect(there == .closed || there == .unreachable, "\(there)")
    }

    static let asksNobody: @Sendable (inout LinkTalk) throws -> Void = { talk in
        try talk.open()
        talk.world.send([.close(talk.store)], from: talk.client)
        _ = try talk.waitFor { $0.down(at: $1.client) }
        talk.ask([1], 1)
        let failure = try talk.waitFor { $0.failure(at: $1.client, of: 1) }
        try talk.expect(failure == .closed, "\(failure)")
    }
}
