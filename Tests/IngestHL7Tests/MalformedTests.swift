import IngestCore
import IngestHL7
import Testing
import TwinCore
import TwinTestKit

/// Every line of the shared table of broken MLLP streams and HL7 messages.
@Suite(.enabled(if: SharedData.isPresent, "the shared data folder is absent"))
struct MalformedTests {
    /// The frames of a stream that comes in pieces and then ends, and how it failed, if it did.
    private static func frames(
        _ file: String, pieceByteCount: Int
    ) -> (frames: [[UInt8]], faults: [MLLPFramer.Fault]) {
        var framer = MLLPFramer()
        var events: [MLLPFramer.Event] = []
        let bytes = SharedData.bytes("malformed/mllp/\(file)") ?? []
        for start in stride(from: 0, to: bytes.count, by: pieceByteCount) {
            events += framer.receive(
                Array(bytes[start..<min(bytes.count, start + pieceByteCount)]))
        }
        if let last = framer.end() { events.append(last) }
        var result: (frames: [[UInt8]], faults: [MLLPFramer.Fault]) = ([], [])
        for event in events {
            switch event {
            case .frame(let frame): result.frames.append(frame)
            case .fault(let fault, _): result.faults.append(fault)
            }
        }
        return result
    }

    struct Stream: Sendable {
        var file: String
        /// The first fields of the acknowledgement of each frame.
        var replies: [String]
        var faults: [MLLPFramer.Fault] = []
    }

    static let streams = [
        Stream(file: "01_good.bin", replies: ["MSA|AA|G1\r"]),
        Stream(file: "03_no_start_block.bin", replies: []),
        Stream(file: "05_fs_without_cr.bin", replies: [], faults: [.truncated]),
        Stream(file: "07_nested_start.bin", replies: ["MSA|AA|G7b\r"]),
        Stream(file: "09_empty_frame.bin", replies: ["MSA|AR||", "MSA|AA|G9\r"]),
        Stream(file: "11_crlf_after_frame.bin", replies: ["MSA|AA|G11a\r", "MSA|AA|G11b\r"]),
        Stream(file: "13_http_request.bin", replies: []),
        Stream(file: "15_utf16.bin", replies: ["MSA|AR||"]),
        Stream(file: "17_start_only_flood.bin", replies: [], faults: [.restarts]),
    ]

    @Test(arguments: streams, [1, 7, 100_000])
    func `a stream gives the frames it holds`(stream: Stream, pieceByteCount: Int) {
        let (frames, faults) = Self.frames(stream.file, pieceByteCount: pieceByteCount)
        #expect(faults == stream.faults)
        let replies = frames.map { Samples.reply($0) }
        #expect(replies.count == stream.replies.count)
        for (reply, expected) in zip(replies, stream.replies) { #expect(reply.contains(expected)) }
    }

    @Test func `every stream of the table is tested`() {
        let files = SharedData.table("malformed/expected.csv").rows.compactMap { $0["file"] }
        let tested = Self.streams.map { "mllp/\($0.file)" } + Self.messages.map { "hl7/\($0.file)" }
        #expect(files.filter { $0.hasPrefix("mllp/") || $0.hasPrefix("hl7/") } == tested)
    }

    struct Message: Sendable {
        var file: String
        var reply: String
        /// Of the values that are kept.
        var flags: [QualityFlags] = []
    }

    static let messages = [
        Message(file: "01_empty.hl7", reply: "MSA|AR||"),
        Message(file: "03_msh_pipe.hl7", reply: "MSA|AR||"),
        Message(file: "05_msh2_three_chars.hl7", reply: "MSA|AR|72313573|"),
        Message(file: "07_lowercase.hl7", reply: "MSA|AR||"),
        Message(file: "09_truncated_in_obx.hl7", reply: "MSA|AA|T9\r"),
        Message(file: "11_wrong_type.hl7", reply: "ERR|||200^"),
        Message(file: "13_processing_id_debug.hl7", reply: "ERR|||202^"),
        Message(file: "15_component_bomb.hl7", reply: "MSA|AE|T15|"),
        Message(file: "17_long_segment_name.hl7", reply: "MSA|AA|T17\r", flags: [[]]),
        Message(file: "19_nul_in_field.hl7", reply: "MSA|AE|T19|"),
        Message(file: "21_sql_and_path.hl7", reply: "MSA|AA|T21\r", flags: [[]]),
        Message(file: "23_future_1000y.hl7", reply: "MSA|AA|T23\r", flags: [.futureTime]),
        Message(file: "25_other_patient_merge.hl7", reply: "MSA|AE|T25|"),
    ]

    @Test(arguments: messages)
    func `a broken message is refused, or kept with its flags`(message: Message) {
        let bytes = SharedData.bytes("malformed/hl7/\(message.file)") ?? []
        #expect(Samples.reply(bytes).contains(message.reply))
        let observations = Samples.observations(bytes, channel: Channel()) ?? []
        #expect(observations.map(\.flags) == message.flags)
        #expect(observations.allSatisfy { $0.number == 70 })
    }

    @Test func `SQL and paths in an identifier are only text`() throws {
        let bytes = SharedData.bytes("malformed/hl7/21_sql_and_path.hl7") ?? []
        let observations = try #require(Samples.observations(bytes))
        #expect(observations.first?.twin.text == "H|../../x'; DROP TABLE p;--")
    }
}
