import ArgumentParser
import IngestFHIR
import TwinJSON

extension SendCommand {
    struct FHIR: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "fhir",
            abstract: "FHIR R4 resources and Bundles from files of JSON or NDJSON, over HTTP.")
        @OptionGroup var common: OutputOptions
        @Option(help: "The FHIR door, as HOST:PORT.") var to = "127.0.0.1:8080"
        @Option(help: "At most so many requests a second.") var rate: Double?
        @Option(help: "How many connections; a file stays on one.") var connections = 2
        @Argument(help: "Files, or folders of files.") var paths: [String]

        func validate() throws {
            guard rate.map({ $0 > 0 }) ?? true, (1...256).contains(connections) else {
                throw ValidationError("--rate above 0, 1 to 256 --connections")
            }
        }

        func run() async throws {
            let messages = try FileList.files(in: paths).flatMap { path in
                FHIRFile.requests(
                    in: try FileList.bytes(of: path), isLines: path.hasSuffix(".ndjson")
                )
                .map { OutgoingMessage(bytes: $0.bytes, lane: path, time: nil) }
            }
            guard !messages.isEmpty else {
                throw CommandFailure("no resource in \(paths.joined(separator: ", "))")
            }
            let sender = MessageSender(connections: connections) { [to] in
                try FHIRClient(to: to)
            }
            try common.show(sender.send(messages, rate: rate, speed: nil))
        }
    }
}

/// The resources of a file: one as it is, or one a line.
enum FHIRFile {
    static func requests(in bytes: [UInt8], isLines: Bool) -> [FHIRRequest] {
        guard isLines else { return [request(bytes)] }
        return bytes.split(separator: 0x0A).map { request(Array($0)) }
    }

    /// A resource with an id keeps it; what can't be read goes to the base, whose answer says why.
    private static func request(_ body: [UInt8]) -> FHIRRequest {
        let root = try? JSONDocument(body, limits: FHIRAdapter.limits).root
        guard let type = root?["resourceType"]?.string, let id = root?["id"]?.string,
            let route = try? FHIRRoute.decide(
                method: "PUT", uri: "/fhir/\(type)/\(id)", contentType: "application/fhir+json",
                contentEncoding: nil, ifNoneExist: nil),
            case .request(let method, let target) = route, type != "Bundle"
        else { return FHIRRequest(.post, "", body: body) }
        return FHIRRequest(method, target, body: body)
    }
}
