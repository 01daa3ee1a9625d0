import TwinCore
import TwinStoreCore

/// What a push says of its artifact.
struct Offer: Sendable {
    var outcome: String
    var kind: String
    var signature: ArtifactSignature?
    /// Nil: the attachment is the whole artifact.
    var part: ArtifactPart?
    var reference: DriftReference?

    init(
        _ outcome: String, _ kind: String, _ signature: ArtifactSignature?, _ part: ArtifactPart?,
        _ reference: DriftReference?
    ) {
        self.outcome = outcome
        self.kind = kind
        self.signature = signature
        self.part = part
        self.reference = reference
    }
}

// How artifacts come in.
extension StoreLoop {
    /// Keeps an artifact's bytes once somebody answers for them, and then tells the room of it.
    mutating func push(_ question: Question, _ offer: Offer, at now: Instant) {
        let bytes = question.attachment ?? []
        do throws(Refusal) { try check(offer, bytes) } catch {
            return reply(to: question, .refused(error))
        }
        let (around, post) = (around, around.post)
        read(for: question) {
            do throws(Refusal) {
                let id = offer.part?.artifact ?? around.identify(bytes)
                // Before anything is kept: a stranger must not fill the disk.
                try around.admit(id, offer.signature, now)
                let received = try StoreLoop.keep(id, offer.part, bytes, in: around.engine)
                let byteCount = offer.part?.byteCount ?? received
                guard received == byteCount else {
                    return .answer(.progress(id, byteCount: received))
                }
                let info = ArtifactInfo(
                    id: id, outcome: offer.outcome, kind: offer.kind, byteCount: byteCount,
                    pushedAt: now, signature: offer.signature, reference: offer.reference)
                post(.room(.push(question.peer, question.request, info)))
                return nil
            } catch { return .refused(error) }
        }
    }

    /// How many bytes are there.
    private static func keep(
        _ id: ArtifactID, _ part: ArtifactPart?, _ bytes: [UInt8], in engine: any TwinEngine
    ) throws(Refusal) -> UInt64 {
        do throws(EngineError) {
            if let part { return try engine.putArtifactPart(part, bytes: bytes) }
            try engine.putArtifact(id, bytes: bytes)
            return UInt64(bytes.count)
        } catch {
            if case .corrupted = error {
                throw Refusal(
                    .malformed,
                    "hash: what came is not \(id): something changed it on its way, push it again")
            }
            throw Refusal(.storageFailed, error.description)
        }
    }

    private func check(_ offer: Offer, _ bytes: [UInt8]) throws(Refusal) {
        guard !bytes.isEmpty else { throw Refusal(.malformed, "no bytes came with it") }
        let most = UInt64(settings.artifactByteCountMax)
        guard offer.part?.byteCount ?? UInt64(bytes.count) <= most else {
            throw Refusal(
                .tooLarge,
                "limit: an artifact has at most \(most) bytes; artifacts.megabytes sets it")
        }
        if let part = offer.part {
            guard part.offset <= part.byteCount,
                UInt64(bytes.count) <= part.byteCount - part.offset
            else { throw Refusal(.malformed, "a part that ends behind its artifact") }
        }
        let names = 1...TwinID.byteCountMax
        guard names.contains(offer.outcome.utf8.count), names.contains(offer.kind.utf8.count) else {
            throw Refusal(.malformed, "outcome and kind have 1 to 256 bytes")
        }
    }
}
