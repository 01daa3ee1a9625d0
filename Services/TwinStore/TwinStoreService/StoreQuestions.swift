import TwinCore
import TwinStoreCore

/// A client's question.
struct Question: Sendable {
    var peer: TwinRoom.Peer
    var request: TwinRoom.Request
    var query: Query
    var attachment: [UInt8]?
}

// What clients ask.
extension StoreLoop {
    /// The arrival that the question is to the room; nil where it is answered otherwise.
    func change(_ question: Question) -> TwinRoom.Arrival? {
        let (peer, request) = (question.peer, question.request)
        switch question.query {
        case .activate(let artifact): return .activate(peer, request, artifact)
        case .release(let order): return .release(peer, request, order)
        case .rollback(let outcome, let epoch):
            return .rollback(peer, request, outcome: outcome, undoing: epoch)
        case .pardonArtifact(let artifact): return .pardonArtifact(peer, request, artifact)
        case .watch(let cursor, let twin):
            if let twin, !room.knows(twin) { return nil }
            return .watch(peer, request, cursor: cursor, twin: twin)
        default: return nil
        }
    }

    mutating func answer(_ question: Question, at now: Instant) {
        switch question.query {
        case .status: reply(to: question, .answer(.status(room.status())))
        case .twins(let after, let limit):
            let limit = Int(min(limit, settings.pageCountMax))
            reply(to: question, .answer(.twins(room.twins(after: after, limit: limit))))
        case .artifacts:
            reply(
                to: question,
                .answer(.artifacts(room.artifacts, active: room.activations)))
        case .releases(let outcome):
            let releases = room.releases(of: outcome).suffix(Int(settings.pageCountMax))
            reply(to: question, .answer(.releases(Array(releases))))
        case .drift(let outcome):
            reply(to: question, .answer(.drift(room.drift(of: outcome))))
        case .pardon(let twin): pardon(twin, for: question)
        case .twin(let id, let revision):
            guard room.knows(id) else {
                return askAgain(question, of: id) { .twin(id: $0, asOf: revision) }
            }
            let links = revision == nil ? room.links(of: id) : []
            read(for: question) { [reader] in reader.twin(id, asOf: revision, links) }
        case .history(let id, _, _, _), .assessments(let id, _, _), .shadows(let id, _, _):
            let isExact = room.knows(id)
            read(for: question) { [reader] in
                reader.answer(question.query, isExact: isExact)
            }
        case .artifact(let id, let range):
            guard let info = room.artifact(id) else {
                let refusal = Refusal(.notFound, "there is no artifact \(id)")
                return reply(to: question, .refused(refusal))
            }
            read(for: question) { [reader] in reader.artifact(info, range) }
        case .push(let outcome, let kind, let signature, let part, let reference):
            push(question, Offer(outcome, kind, signature, part, reference), at: now)
        case .watch(let cursor, .some(let twin)): watch(question, cursor, twin)
        case .watch, .activate, .release, .rollback, .pardonArtifact: break
        }
    }

    mutating func reply(to question: Question, _ reply: StoreReply) {
        out.append(.reply(question.peer, question.request, reply))
    }

    /// Answers on a reader's thread.
    mutating func read(
        for question: Question, _ answer: @escaping @Sendable () -> StoreReply?
    ) {
        let port = around.port
        let isTaken = around.perform(
            .question {
                guard let reply = answer() else { return }
                port.send([.reply(question.peer, question.request, reply)])
            })
        if isTaken { return }
        let refusal = Refusal(.overloaded, "too many questions wait", retryAfterMs: 500)
        reply(to: question, .refused(refusal))
    }

    /// Lets the tasks of the twin that the name means be tried once more; says how far it is.
    private mutating func pardon(_ twin: TwinID, for question: Question) {
        guard let summary = room.summary(of: twin) else {
            return askAgain(question, of: twin) { .pardon($0) }
        }
        turn(room: [.pardon(twin)])
        reply(to: question, .answer(.twins([summary])))
    }

    /// Asks again by the exact id of the only twin with this identifier.
    private mutating func askAgain(
        _ question: Question, of id: TwinID, _ query: @escaping @Sendable (TwinID) -> Query
    ) {
        let post = around.post
        read(for: question) { [reader] in
            do throws(Refusal) {
                let exact = try reader.resolve(id, isExact: false)
                guard exact != id else { throw StoreReader.nothing(of: id) }
                post(.query(question.peer, question.request, query(exact), attachment: nil))
                return nil
            } catch {
                return .refused(error)
            }
        }
    }

    /// Watches the twin that the name means; one that is still to come, where it means none.
    private mutating func watch(_ question: Question, _ cursor: UInt64, _ twin: TwinID) {
        let post = around.post
        read(for: question) { [reader] in
            var exact = twin
            do throws(Refusal) {
                exact = try reader.resolve(twin, isExact: false)
            } catch {
                if error.reason != .notFound { return .refused(error) }
            }
            post(.room(.watch(question.peer, question.request, cursor: cursor, twin: exact)))
            return nil
        }
    }
}
