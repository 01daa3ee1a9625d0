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
        let observations = FossilSamples.observations
        #expect(
            try ValueWire.observations(
                FossilTests.bytes("value-observations", today: ValueWire.encode(observations)))
                == observations)
        #expect(
            try ValueWire.featureSet(
                FossilTests.bytes(
                    "value-features", today: ValueWire.encode(FossilSamples.features)))
                == FossilSamples.features)
        let assessments = [FossilSamples.assessment, FossilSamples.abstention]
        #expect(
            try ValueWire.assessments(
                FossilTests.bytes("value-assessments", today: ValueWire.encode(assessments)))
                == assessments)
        #expect(
            try ValueWire.artifactInfo(
                FossilTests.bytes(
                    "value-artifact", today: ValueWire.encode(FossilSamples.artifactInfo)))
                == FossilSamples.artifactInfo)
        #expect(
            try ValueWire.artifactInfo(
                FossilTests.bytes(
                    "value-artifact-signed", today: ValueWire.encode(FossilSamples.signedInfo)))
                == FossilSamples.signedInfo)
        #expect(
            try ValueWire.activation(
                FossilTests.bytes(
                    "value-activation", today: ValueWire.encode(FossilSamples.activation)))
                == FossilSamples.activation)
        #expect(
            try ValueWire.artifactInfo(
                FossilTests.bytes(
                    "value-artifact-watched", today: ValueWire.encode(FossilSamples.watchedInfo)))
                == FossilSamples.watchedInfo)
        #expect(
            try ValueWire.driftTally(
                FossilTests.bytes(
                    "value-drift-tally", today: ValueWire.encode(FossilSamples.driftTally)))
                == FossilSamples.driftTally)
        for (name, release) in [
            ("canary", FossilSamples.canary), ("ended-shadow", FossilSamples.endedShadow),
        ] {
            #expect(
                try ValueWire.activation(
                    FossilTests.bytes(
                        "value-activation-\(name)", today: ValueWire.encode(release)))
                    == release)
        }
    }

    @Test func `subjects keep their numbers`() {
        let numbers = Set(FossilSamples.messages.map(\.message.subject))
        #expect(numbers == [1, 10, 11, 20, 21, 30, 31, 32, 40, 41])
        #expect(Message.submit(ObservationBatch([])).subject == 10)
        #expect(Message.query(.status).subject == 40)
    }
}
