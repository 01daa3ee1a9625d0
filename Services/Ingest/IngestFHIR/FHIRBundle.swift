import IngestCore
import TwinCore
import TwinJSON

/// Reads a Bundle: a transaction or message as a whole or not at all, anything else entry by entry.
struct FHIRBundle {
    static let entryCountMax = 1000

    private let scope: FHIRScope
    private let type: String
    private let entries: [FHIRElement]
    /// Where the body starts in the input.
    private let bodyStart: Int
    private let root: FHIRElement
    /// What resources refer to for more than their patient.
    private var used: Set<String> = []
    private var placeless: Set<String> = []

    private var isAtomic: Bool { type == "transaction" || type == "message" }

    /// The messages of every entry, and one more for the end.
    static func read(
        _ root: FHIRElement, _ scope: FHIRScope, bodyStart: Int
    ) throws(FHIRProblem) -> [ReadMessage] {
        var bundle = try FHIRBundle(root, scope, bodyStart)
        return try bundle.read()
    }

    private init(
        _ root: FHIRElement, _ scope: FHIRScope, _ bodyStart: Int
    ) throws(FHIRProblem) {
        self.root = root
        self.bodyStart = bodyStart
        if root.node["implicitRules"] != nil {
            throw root.problem(.notSupported, "implicitRules are not known here")
        }
        type = try root.required("type")
        entries = try root.objects("entry")
        guard entries.count <= FHIRBundle.entryCountMax else {
            throw root.problem(
                .tooCostly, "more than \(FHIRBundle.entryCountMax) entries", status: 400)
        }
        var scope = scope
        for entry in entries {
            guard let resource = entry.child("resource"), resource.node.kind == .object else {
                continue
            }
            for path in ["device", "medicationReference"] {
                if let name = resource.node[path]?["reference"]?.string { used.insert(name) }
            }
            for name in FHIRBundle.names(entry, resource) {
                // An id may come twice where later versions come along; a full URL may not.
                if let other = scope.resources[name],
                    type == "transaction" || name == entry.node["fullUrl"]?.string,
                    FHIRRules.content(other) != FHIRRules.content(resource)
                {
                    throw entry.problem(.duplicate, "another entry has its URL, or its id")
                }
                scope.resources[name] = resource
            }
        }
        self.scope = scope
    }

    /// What references call the resource of an entry.
    private static func names(_ entry: FHIRElement, _ resource: FHIRElement) -> [String] {
        var names: Set<String> = []
        if let url = entry.node["fullUrl"]?.string { names.insert(url) }
        if let type = resource.node["resourceType"]?.string, let id = resource.node["id"]?.string {
            names.insert("\(type)/\(id)")
        }
        return names.sorted()
    }

    private mutating func read() throws(FHIRProblem) -> [ReadMessage] {
        var messages: [ReadMessage] = []
        var observationCount = 0
        for (index, entry) in entries.enumerated() {
            if type == "message", index == 0 { continue }
            do throws(FHIRProblem) {
                let read = try self.read(entry)
                for case .observations(let raw) in read.lazy.map(\.content) {
                    observationCount += raw.observations.count
                }
                messages += read
            } catch {
                guard !isAtomic else { throw error }
                messages.append(refused(entry, error))
            }
        }
        guard !isAtomic || observationCount <= ObservationBatch.countMax else {
            throw root.problem(.tooLong, "too many observations at once", status: 413)
        }
        return messages + [try end()]
    }

    private mutating func read(_ entry: FHIRElement) throws(FHIRProblem) -> [ReadMessage] {
        let (method, target) = try request(entry)
        guard let resource = try entry.object("resource") else {
            throw FHIRProblem(422, .required, "is missing", at: entry.path + ".resource")
        }
        let interaction = try FHIRInteraction(resource, method, target: target)
        let reading = try interaction.read(scope)
        if isAtomic, reading.isOfNobody {
            throw FHIRProblem(
                422, .notFound, "the patient is not known", at: resource.path + ".subject")
        }
        let isUsed =
            ["Device", "Medication"].contains(interaction.type)
            && !used.isDisjoint(with: FHIRBundle.names(entry, resource))
        let isPlaceless = reading.aside?.reason == .unsupported
        if isPlaceless, !isUsed { placeless.insert(interaction.type) }
        return interaction.messages(
            reading, .entry, at: place(resource), isKeptByBundle: isPlaceless)
    }

    /// What an entry asks for; a bundle that is no list of requests asks to take its resources.
    private func request(
        _ entry: FHIRElement
    ) throws(FHIRProblem) -> (FHIRRequest.Method, String) {
        guard type == "transaction" || type == "batch" else { return (.post, "") }
        guard let request = try entry.object("request") else {
            throw FHIRProblem(422, .required, "is missing", at: entry.path + ".request")
        }
        let url = try request.required("url")
        guard let method = FHIRRequest.Method(rawValue: try request.required("method")),
            !url.contains("?")
        else { throw request.problem(.notSupported, "only POST and PUT, without conditions") }
        for condition in ["ifNoneExist", "ifMatch", "ifNoneMatch", "ifModifiedSince"]
        where request.node[condition] != nil {
            throw request.problem(.notSupported, "nothing is searched here", status: 412)
        }
        guard (method == .put) == url.contains("/"),
            !url.contains("/") || FHIRTypes.isID(FHIRRequest(method, url, body: []).id ?? "")
        else { throw request.problem(.value, "POST to a type, PUT to a type with an id") }
        return (method, url)
    }

    private func place(_ element: FHIRElement) -> Range<Int> {
        let range = element.node.range
        return range.lowerBound + bodyStart..<range.upperBound + bodyStart
    }

    private func refused(_ entry: FHIRElement, _ problem: FHIRProblem) -> ReadMessage {
        let place = place(entry.child("resource") ?? entry)
        let reply = FHIRReply(.entry, problem).bytes
        return ReadMessage(
            inputRange: place, replyContext: FHIRReply(.entry, 422, body: []).bytes, identity: nil,
            fingerprint: FHIRRules.content(entry), content: .refused(problem.refusal, reply: reply))
    }

    /// Goes into quarantine once for everything that has no place, however much that is.
    private func end() throws(FHIRProblem) -> ReadMessage {
        let kind = FHIRReply.Kind(rawValue: type) ?? .batch
        let whole = 0..<bodyStart + root.node.range.upperBound
        // What sets nothing aside is never remembered.
        let content = placeless.isEmpty ? 0 : FHIRRules.content(root)
        let names = placeless.sorted().prefix(10).joined(separator: ", ")
        let header = type == "message" ? try answerHeader() : []
        return ReadMessage(
            inputRange: whole, replyContext: FHIRReply(kind, 200, body: header).bytes,
            identity: placeless.isEmpty ? nil : content, fingerprint: content,
            content: .setAside(
                placeless.isEmpty
                    ? nil : Refusal(.unsupported, "Bundle: no place in the twin yet for \(names)")))
    }

    /// The MessageHeader that answers that of a message.
    private func answerHeader() throws(FHIRProblem) -> [UInt8] {
        guard let header = try entries.first?.object("resource"),
            header.node["resourceType"]?.string == "MessageHeader"
        else { throw root.problem(.required, "a message starts with its MessageHeader") }
        var members = [JSON.Member("resourceType", .string("MessageHeader"))]
        for name in ["eventCoding", "eventUri"] {
            if let event = header.node[name], let tree = try? JSON(event) {
                members.append(JSON.Member(name, tree))
            }
        }
        var response = [JSON.Member("code", .string("ok"))]
        if let name = try answered(header) {
            response.insert(JSON.Member("identifier", .string(name)), at: 0)
        }
        members += [
            JSON.Member(
                "source", .object([JSON.Member("endpoint", .string("urn:twinline:ingest"))])),
            JSON.Member("response", .object(response)),
        ]
        return Array(JSON.object(members).text.utf8)
    }

    /// What a message is called, so that its sender knows it again: its header's id, or where that
    /// is left out the last part of the header's URL, or the id of the bundle.
    private func answered(_ header: FHIRElement) throws(FHIRProblem) -> String? {
        if let id = try header.string("id") { return id }
        if let url = try entries.first?.string("fullUrl"),
            let name = url.split(whereSeparator: { ":/".contains($0) }).last
        {
            return String(name)
        }
        return try root.string("id")
    }
}
