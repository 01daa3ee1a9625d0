import Foundation
import Testing
import TwinCore
import TwinLink
import TwinWire

/// Bytes of every message ever released, which must be read for ever.
struct FossilTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Fossils")

    /// The committed bytes.
    ///
    /// A new fossil is laid down by `TWINLINE_LAY_FOSSILS=1`, which never changes one that is there.
    static func bytes(_ name: String, today: [UInt8]) throws -> [UInt8] {
        let file = folder.appending(path: "\(name).bin")
        if ProcessInfo.processInfo.environment["TWINLINE_LAY_FOSSILS"] == "1" {
            try? Data(today).write(to: file, options: .withoutOverwriting)
        }
        return [UInt8](try Data(contentsOf: file))
    }

    @Test(arguments: FossilSamples.messages.map(\.name))
    func `a fossil is read as it was meant`(name: String) throws {
        let sample = try #require(FossilSamples.messages.first { $0.name == name })
        let today = sample.message.payload()
        let fossil = try FossilTests.bytes(name, today: today.body)
        #expect(try Message(Payload(subject: today.subject, body: fossil)) == sample.message)
        #expect(try Message(today) == sample.message)
    }

    @Test(arguments: [
        ("header-request", FossilSamples.header), ("header-hello", FossilSamples.hello),
        ("header-reject", FossilSamples.reject),
    ])
    func `a fossil header is read as it was meant`(name: String, header: LinkHeader) throws {
        let today = HeaderWire.encode(header)
        #expect(try HeaderWire.decode(FossilTests.bytes(name, today: today)) == header)
        #expect(try HeaderWire.decode(today) == header)
    }

    @Test func `fossil values are read as they were meant`() throws {
        let samples = FossilSamples.self
        try check("observations", samples.observations, ValueWire.encode, ValueWire.observations)
        try check("features", samples.features, ValueWire.encode, ValueWire.featureSet)
        try check(
            "assessments", [samples.assessment, samples.abstention], ValueWire.encode,
            ValueWire.assessments)
        try check(
            "assessments-absent", [samples.absence], ValueWire.encode, ValueWire.assessments)
        for (name, info) in [
            ("artifact", samples.artifactInfo), ("artifact-signed", samples.signedInfo),
            ("artifact-watched", samples.watchedInfo), ("artifact-barred", samples.barredInfo),
            ("artifact-pardoned", samples.pardonedInfo),
        ] { try check(name, info, ValueWire.encode, ValueWire.artifactInfo) }
        for (name, release) in [
            ("activation", samples.activation), ("activation-canary", samples.canary),
            ("activation-ended-shadow", samples.endedShadow),
            ("activation-guarded", samples.guarded),
        ] { try check(name, release, ValueWire.encode, ValueWire.activation) }
        try check("drift-tally", samples.driftTally, ValueWire.encode, ValueWire.driftTally)
    }

    private func check<Value: Equatable>(
        _ name: String, _ value: Value, _ encode: (Value) -> [UInt8],
        _ decode: ([UInt8], WireLimits) throws -> Value
    ) throws {
        let fossil = try FossilTests.bytes("value-" + name, today: encode(value))
        #expect(try decode(fossil, WireLimits()) == value)
    }

    @Test func `subjects keep their numbers`() {
        let numbers = Set(FossilSamples.messages.map(\.message.subject))
        #expect(numbers == [1, 10, 11, 20, 21, 30, 31, 32, 40, 41])
        #expect(Message.submit(ObservationBatch([])).subject == 10)
        #expect(Message.query(.status).subject == 40)
    }
}
