import Foundation
import ModelCore
import Testing

@Suite struct ElementaryTests {
    /// How far from the C library's answer, relative to it.
    private func error(_ own: Double, _ other: Double) -> Double {
        own == other ? 0 : (own - other).magnitude / other.magnitude
    }

    @Test func `exp and log agree with the C library`() {
        for step in -7_500...7_500 {
            let x = Double(step) * 0.0997
            if x > -708 && x < 709 { #expect(error(Elementary.exp(x), Foundation.exp(x)) < 5e-16) }
            let positive = Foundation.exp(x / 1.1)
            guard positive > 1e-300, positive < 1e300 else { continue }
            #expect(error(Elementary.log(positive), Foundation.log(positive)) < 1e-15)
        }
    }

    @Test func `tanh and the logistic function agree with the C library`() {
        for step in -2_000...2_000 {
            let x = Double(step) * 0.01037
            #expect(error(Elementary.tanh(x), Foundation.tanh(x)) < 1e-13)
            #expect(error(Elementary.logistic(x), 1 / (1 + Foundation.exp(-x))) < 1e-14)
        }
    }

    @Test func `extremes are what they should be`() {
        #expect(Elementary.exp(1e9) == .infinity)
        #expect(Elementary.exp(-1e9) == 0)
        #expect(Elementary.exp(-.infinity) == 0)
        #expect(Elementary.exp(-740) > 0)
        #expect(Elementary.exp(0) == 1)
        #expect(Elementary.log(0) == -.infinity)
        #expect(Elementary.log(-1).isNaN)
        #expect(Elementary.log(.infinity) == .infinity)
        #expect(Elementary.logistic(.nan).isNaN)
        #expect(Elementary.tanh(.infinity) == 1)
        #expect(Elementary.logistic(-800) == 0)
    }

    @Test func `a seeded sequence is the same for ever`() {
        var sequence = SeededSequence(seed: 0)
        #expect(sequence.next() == 0xE220_A839_7B1D_CDAF)
        #expect((0..<1000).allSatisfy { _ in (0..<7).contains(sequence.next(below: 7)) })
    }
}
