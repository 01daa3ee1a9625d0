import IngestCore
import TwinCore
import TwinJSON

/// The text of a raw message, as it is put together.
struct FHIRText: Sendable {
    private(set) var bytes: [UInt8] = []

    mutating func add(_ text: String) -> RawText {
        let start = bytes.count
        bytes += text.utf8
        return RawText(start..<bytes.count)
    }

    func string(_ place: RawText) -> String { String(decoding: bytes[place.range], as: UTF8.self) }

    mutating func add(_ coding: FHIRConcept.Coding?) -> RawCode {
        guard let coding else { return .empty }
        return RawCode(
            value: add(coding.code ?? ""), text: add(coding.display ?? ""),
            system: add(coding.system ?? ""))
    }

    mutating func add(_ code: Code) -> RawCode {
        RawCode(value: add(code.value), system: add(code.system))
    }
}

/// What one resource becomes.
struct FHIRReading: Sendable {
    /// One for each patient that it speaks of.
    var messages: [RawMessage] = []
    /// Why nothing of it enters a twin, or not yet; nil where something does.
    var aside: Refusal?

    init(_ messages: [RawMessage]) { self.messages = messages }
    init(aside: Refusal) { self.aside = aside }

    /// Whether nobody knows of whom it speaks.
    var isOfNobody: Bool { aside?.reason == .noPatient }
}

/// What the resources of one input are read with.
struct FHIRScope: Sendable {
    let channel: Channel
    let receivedAt: Instant
    /// The resources of the bundle, by full URL and by `Type/id`.
    var resources: [String: FHIRElement] = [:]

    /// The resource that a reference names, among those that came with it; nothing is fetched.
    func resource(_ reference: String, in container: FHIRElement) -> FHIRElement? {
        if reference.hasPrefix("#") {
            let contained = (try? container.objects("contained")) ?? []
            return contained.first { $0.node["id"]?.string == String(reference.dropFirst()) }
        }
        let name = reference.firstRange(of: "/_history/").map { reference[..<$0.lowerBound] }
        return resources[name.map(String.init) ?? reference]
    }
}
