import IngestDICOM
import Testing
import TwinCore
import TwinTestKit

struct ParserTests {
    /// Sequences in sequences, each of unknown or of known length.
    static func nested(_ depth: Int, isExplicit: Bool) -> DICOMSample {
        var sample = DICOMSample(isExplicit: isExplicit)
        for _ in 0..<depth {
            sample.add(0x0040_A730, "SQ", [], length: 0xFFFF_FFFF)
            sample.bytes += sample.word(0xFFFE, 2) + sample.word(0xE000, 2)
            sample.bytes += sample.word(0xFFFF_FFFF, 4)
        }
        return sample
    }

    @Test(arguments: [20_000, 200_000], [false, true])
    func `nesting without end is refused and ends no process`(depth: Int, isExplicit: Bool) {
        let sample = Self.nested(depth, isExplicit: isExplicit)
        let refusal = #expect(throws: Refusal.self) {
            try DICOMDataset(sample.bytes, syntax: sample.syntax)
        }
        #expect(refusal?.reason == .tooLarge)
    }

    @Test func `as deep as is allowed is read`() throws {
        var sample = Self.nested(256, isExplicit: true)
        for _ in 0..<256 {
            sample.bytes += sample.word(0xFFFE, 2) + sample.word(0xE00D, 2) + sample.word(0, 4)
            sample.bytes += sample.word(0xFFFE, 2) + sample.word(0xE0DD, 2) + sample.word(0, 4)
        }
        var item = try DICOMDataset(sample.bytes, syntax: sample.syntax).root
        for _ in 0..<256 { item = try #require(item.items(0x0040_A730).first) }
        #expect(item.elements.isEmpty)
    }

    static let writings: [(Bool, Bool)] = [(true, false), (false, false), (true, true)]

    static func full(_ isExplicit: Bool, _ isBigEndian: Bool) -> DICOMSample {
        var sample = DICOMSample(isExplicit: isExplicit, isBigEndian: isBigEndian)
        sample.add(0x0008_0005, "CS", "ISO_IR 100")
        sample.add(0x0010_0010, "PN", [0x4D, 0xFC, 0x6C, 0x6C])
        sample.addSequence(
            0x0040_A730,
            [
                { inner in
                    inner.add(0x0008_0104, "LO", "one")
                    inner.addSequence(0x0040_A043, [{ $0.add(0x0008_0104, "LO", "two") }])
                }, { $0.add(0x0008_0104, "LO", "three") },
            ])
        sample.add(0x0028_0010, 512)
        sample.add(0x0028_0030, "DS", "0.5\\ 0.75")
        return sample
    }

    @Test(arguments: writings)
    func `a data set is read in every writing`(isExplicit: Bool, isBigEndian: Bool) throws {
        let sample = Self.full(isExplicit, isBigEndian)
        let root = try DICOMFile(sample.file()).dataset.root
        #expect(root.text(0x0010_0010) == "Müll")
        #expect(root.unsigned16(0x0028_0010) == 512)
        #expect(root.decimals(0x0028_0030) == [0.5, 0.75])
        let items = root.items(0x0040_A730)
        #expect(items.map { $0.word(0x0008_0104) } == ["one", "three"])
        #expect(items[0].items(0x0040_A043).first?.word(0x0008_0104) == "two")
        #expect(root.word(0x0008_0104) == nil)
    }

    @Test func `a deflated data set is read, and no more of it than is allowed`() throws {
        let sample = Self.full(true, false)
        let file = sample.file(.deflated)
        #expect(try DICOMFile(file).dataset.root.unsigned16(0x0028_0010) == 512)
        let refusal = #expect(throws: Refusal.self) {
            try DICOMFile(file, limits: DICOMLimits(inflatedMax: 100))
        }
        #expect(refusal?.reason == .tooLarge)
    }

    @Test func `an unknown kind is read as bytes and said`() throws {
        var sample = DICOMSample()
        sample.add(0x0009_1001, "ZZ", [1, 2, 3, 4])
        sample.add(0x0028_0010, 7)
        let dataset = try DICOMDataset(sample.bytes, syntax: sample.syntax)
        #expect(dataset.hasOddKinds)
        #expect(dataset.root.bytes(0x0009_1001).map(Array.init) == [1, 2, 3, 4])
        #expect(dataset.root.unsigned16(0x0028_0010) == 7)
    }

    @Test(arguments: writings)
    func `cut at any byte, a data set is refused or is the elements before`(
        isExplicit: Bool, isBigEndian: Bool
    ) throws {
        let sample = Self.full(isExplicit, isBigEndian)
        let whole = try DICOMDataset(sample.bytes, syntax: sample.syntax).root.elements.map(\.tag)
        Mutations.truncations(of: sample.bytes) { bytes in
            guard let cut = try? DICOMDataset(bytes, syntax: sample.syntax) else { return }
            let tags = cut.root.elements.map(\.tag)
            #expect(tags.count < whole.count && tags == Array(whole.prefix(tags.count)))
        }
    }

    @Test func `no damage ends the process`() {
        let samples =
            Self.writings.map { Self.full($0.0, $0.1).file() }
            + [Self.full(true, false).file(.deflated), DICOMSample.slice(1, height: 0).file()]
        for sample in samples {
            Mutations.singleByteChanges(of: sample, changes: [0, 1, 0x7F, 0xFF], step: 1) {
                Self.readAll($0)
            }
        }
        Mutations.random(of: samples, count: 30_000, seed: 5) { Self.readAll($0) }
    }

    /// Reads all that can be read of a file.
    static func readAll(_ bytes: [UInt8]) {
        guard let file = try? DICOMFile(bytes, limits: DICOMLimits(inflatedMax: 1 << 20)) else {
            return
        }
        func read(_ item: DICOMItem, _ depth: Int) {
            for element in item.elements {
                _ = item.text(element.tag)
                _ = item.decimals(element.tag)
                _ = item.unsigned16(element.tag)
                if depth < 8 { for inner in item.items(element.tag) { read(inner, depth + 1) } }
            }
        }
        read(file.dataset.root, 0)
        _ = file.referencedFiles
        _ = try? DICOMSeries([file.dataset])
        _ = try? StructureSet(file.dataset)
        _ = try? SegmentationObject(file.dataset)
    }

    static let texts: [(String, [UInt8], String)] = [
        ("ISO_IR 192", Array("Wang^XiaoDong=王^小東".utf8), "Wang^XiaoDong=王^小東"),
        ("GB18030", [0xCD, 0xF5, 0x5E, 0xD0, 0xA1, 0xB6, 0xAB], "王^小东"),
        ("ISO_IR 144", [0xBB, 0xEE, 0xDA], "Люк"),
        (
            "\\ISO 2022 IR 87",
            [0x59, 0x3D, 0x1B, 0x24, 0x42, 0x3B, 0x33, 0x45, 0x44, 0x1B, 0x28, 0x42, 0x5E, 0x41],
            "Y=山田^A"
        ),
        (
            "\\ISO 2022 IR 149",
            [0x48, 0x5E, 0x1B, 0x24, 0x29, 0x43, 0xB1, 0xE8, 0xC8, 0xF1, 0xC1, 0xDF], "H^김희중"
        ),
        ("", [0x41, 0x42], "AB"),
    ]

    @Test(arguments: texts)
    func `text is read in the set that is named`(set: String, bytes: [UInt8], text: String) {
        #expect(DICOMText(set).isKnown)
        #expect(DICOMText(set).text(bytes[...]) == text)
    }

    @Test func `text that is not in its set is no text`() {
        #expect(DICOMText("").text([0xFC]) == nil)
        #expect(DICOMText("ISO_IR 192").text([0xFC, 0x41]) == nil)
        #expect(!DICOMText("ISO_IR 999").isKnown)
    }
}
