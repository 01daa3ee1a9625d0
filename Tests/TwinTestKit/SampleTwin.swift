public import TwinCore

/// Made-up measurements of one twin, as ragged as real ones.
public enum SampleTwin {
    /// Several sources, equal times, corrections, withdrawals, soft flags, texts; from one seed.
    public static func observations(
        count: Int, seed: UInt64, twin: TwinID, codes: [Code] = Concept.all.map(\.code)
    ) -> [Observation] {
        var random = SplitMix64(seed: seed)
        let start = Instant(microsecondsSinceEpoch: 1_768_000_000_000_000)
        return (0..<count).compactMap { _ in
            guard let code = codes.randomElement(using: &random) else { return nil }
            let concept = Concept.of(code)
            // Quarter hours of two days, so that many share a moment.
            let time = start.adding(seconds: Int64.random(in: 0..<192, using: &random) * 900)
            let number = (Double.random(in: 1...200, using: &random) * 10).rounded() / 10
            var value = ObservedValue.number(number)
            if concept?.name == "avpu" {
                value = .text(["A", "C", "V", "P", "U"].randomElement(using: &random) ?? "A")
            }
            let flags: [QualityFlags] = [
                [], [], [], [], .converted, .preliminary, .corrected, .deleted, .outOfRange,
            ]
            return Observation(
                twin: twin, code: code, value: value, unit: concept?.unit ?? "", eventTime: time,
                receiveTime: time.adding(seconds: 5),
                source: Bool.random(using: &random) ? "monitor" : "chart",
                flags: flags.randomElement(using: &random) ?? [])
        }
    }
}
