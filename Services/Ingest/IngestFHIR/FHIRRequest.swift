public import IngestCore
import TwinCore

/// What one HTTP request asks for, with its body: the input of the adapter.
///
/// As bytes it is a line `POST Observation` or `PUT Observation/7` and the body behind it. Bytes
/// that start with no such line are the body of a `POST` to the base.
public struct FHIRRequest: Hashable, Sendable {
    public enum Method: String, Hashable, Sendable { case post = "POST", put = "PUT" }

    public var method: Method
    /// Below the base: empty, `Observation`, `Observation/7`.
    public var target: String
    public var body: [UInt8]

    public init(_ method: Method, _ target: String, body: [UInt8]) {
        self.method = method
        self.target = target
        self.body = body
    }

    public var bytes: [UInt8] { Array("\(method.rawValue) \(target)\n".utf8) + body }

    /// Reads an input; every input is one.
    public init(_ input: [UInt8]) {
        guard let end = input.prefix(FHIRRequest.lineByteCountMax).firstIndex(of: 0x0A),
            let line = FHIRRequest.line(input[..<end])
        else {
            self.init(.post, "", body: input)
            return
        }
        self.init(line.method, line.target, body: Array(input[(end + 1)...]))
    }

    private static let lineByteCountMax = 256

    private static func line(_ bytes: ArraySlice<UInt8>) -> (method: Method, target: String)? {
        guard let space = bytes.firstIndex(of: 0x20),
            let method = Method(rawValue: String(decoding: bytes[..<space], as: UTF8.self))
        else { return nil }
        return (method, String(decoding: bytes[(space + 1)...], as: UTF8.self))
    }

    /// The resource type that the target names; empty for the base.
    var type: Substring { target.prefix { $0 != "/" } }
    /// The id that the target names.
    var id: Substring? {
        target.contains("/")
            ? target[target.index(after: target.firstIndex(of: "/") ?? target.startIndex)...] : nil
    }
}

/// What an HTTP request must be before its body is read.
public enum FHIRRoute: Hashable, Sendable {
    case request(FHIRRequest.Method, target: String)
    /// `GET metadata`: what this server can do.
    case capabilities

    /// Decides by method, path below the host, and headers; nil stands for a header that is absent.
    public static func decide(
        method: String, uri: String, contentType: String?, contentEncoding: String?,
        ifNoneExist: String?
    ) throws(FHIRProblem) -> FHIRRoute {
        let target = try target(of: uri)
        if method == "GET" || method == "HEAD" {
            guard target == "metadata" else {
                throw FHIRProblem(405, .notSupported, "nothing is read here: POST or PUT")
            }
            return .capabilities
        }
        guard let method = FHIRRequest.Method(rawValue: method) else {
            throw FHIRProblem(405, .notSupported, "only POST and PUT are taken")
        }
        try check(method, target)
        try checkType(contentType, contentEncoding)
        if ifNoneExist != nil {
            throw FHIRProblem(
                412, .notSupported,
                "nothing is searched here: an identifier makes a resource that comes again do nothing"
            )
        }
        return .request(method, target: target == "$process-message" ? "Bundle" : target)
    }

    /// The path below `/fhir`.
    private static func target(of uri: String) throws(FHIRProblem) -> String {
        let parts = uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let path = parts.first ?? ""
        guard path == "/fhir" || path.hasPrefix("/fhir/") else {
            throw FHIRProblem(404, .notFound, "the base is /fhir")
        }
        for parameter in (parts.count > 1 ? parts[1] : "").split(separator: "&") {
            guard ["_format", "_pretty"].contains(parameter.prefix { $0 != "=" }) else {
                throw FHIRProblem(412, .notSupported, "nothing is searched here: no conditions")
            }
        }
        var target = path.dropFirst(6)
        if target.hasSuffix("/") { target = target.dropLast() }
        return String(target)
    }

    private static func check(
        _ method: FHIRRequest.Method, _ target: String
    ) throws(FHIRProblem) {
        if method == .post, ["", "$process-message"].contains(target) { return }
        let parts = target.split(separator: "/", omittingEmptySubsequences: false)
        guard let type = parts.first, FHIRTypes.taken.contains(String(type)), parts.count <= 2,
            parts.count == 1 || !parts[1].hasPrefix("_")
        else { throw FHIRProblem(404, .notSupported, "nothing of this name is taken") }
        guard (method == .put) == (parts.count == 2) else {
            throw FHIRProblem(
                405, .notSupported, "POST goes to a type, PUT to a type with an id")
        }
        guard parts.count == 1 || FHIRTypes.isID(parts[1]) else {
            throw FHIRProblem(400, .value, "an id has 1 to 64 letters, digits, points and hyphens")
        }
    }

    private static func checkType(
        _ contentType: String?, _ contentEncoding: String?
    ) throws(FHIRProblem) {
        if let contentEncoding, contentEncoding.lowercased() != "identity" {
            throw FHIRProblem(415, .notSupported, "no content encoding is taken: send it plain")
        }
        let parts = (contentType ?? "").lowercased().split(separator: ";").map { part in
            String(part.filter { $0 != " " && $0 != "\"" })
        }
        guard ["application/json", "application/fhir+json"].contains(parts.first ?? "") else {
            throw FHIRProblem(415, .notSupported, "application/fhir+json is taken")
        }
        for part in parts.dropFirst() where part.hasPrefix("charset=") {
            guard ["charset=utf-8", "charset=utf8"].contains(part) else {
                throw FHIRProblem(415, .notSupported, "UTF-8 is taken")
            }
        }
    }
}

extension Format {
    public static let fhir = Format("fhir")
}
