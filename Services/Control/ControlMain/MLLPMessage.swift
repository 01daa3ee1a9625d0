/// A message on its way, and the answers that it has asked for.
struct MLLPMessage {
    let frame: [UInt8]
    let controlID: String
    /// How many answers must come; 0 where the message asks for none, or only for some outcomes.
    var answerCount: Int

    /// MSH-15 and MSH-16 say which: without both, it is one.
    init(_ bytes: [UInt8]) {
        frame = [0x0B] + bytes + [0x1C, 0x0D]
        let header = bytes.prefix { $0 != 0x0D && $0 != 0x0A }
        let separator = header.count > 3 ? header[3] : 0x7C
        let fields = header.split(separator: separator, omittingEmptySubsequences: false)
        // The separator itself is MSH-1.
        func field(_ number: Int) -> String {
            number <= fields.count ? String(decoding: fields[number - 1], as: UTF8.self) : ""
        }
        controlID = field(10)
        let wishes = [field(15), field(16)]
        answerCount =
            wishes.allSatisfy(\.isEmpty) ? 1 : wishes.count { $0 == "AL" }
    }
}
