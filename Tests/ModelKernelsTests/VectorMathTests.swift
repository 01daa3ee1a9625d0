import Foundation
import ModelKernels
import Testing

@Suite struct VectorMathTests {
    private func truth(_ function: VectorMath, _ x: Double) -> Double {
        switch function {
        case .exp: exp(x)
        case .tanh: tanh(x)
        case .logistic: 1 / (1 + exp(-x))
        }
    }

    @Test(arguments: MachineLevel.available, VectorMath.allCases)
    func `functions are right to about two units in the last place`(
        _ level: MachineLevel, _ function: VectorMath
    ) {
        var numbers = SeededNumbers(state: 3)
        var values = numbers.floats(20_000, in: -87...88) + numbers.floats(10_000, in: -1...1)
        values += (0..<2_000).map { Float(sign: .plus, exponent: -60 + $0 % 60, significand: 1.1) }
        values += [0, -0.0, 0.625, -0.625, .leastNormalMagnitude, 10]
        let results = function(values, level: level)
        var worst = 0.0
        for (x, y) in zip(values, results) {
            let expected = truth(function, Double(x))
            let unit = Double(Float(expected).ulp)
            worst = max(worst, abs(Double(y) - expected) / unit)
        }
        let bound = function == .exp ? 1.0 : 2.1
        #expect(worst <= bound, "\(worst) units")
        print("\(function) on \(level): \(worst) units in the last place")
    }

    @Test(arguments: MachineLevel.available)
    func `ends, infinities and lost numbers`(_ level: MachineLevel) {
        let ends: [Float] = [.infinity, -.infinity, .nan, 1000, -1000]
        #expect(VectorMath.exp(ends, level: level)[0] == .infinity)
        #expect(VectorMath.exp(ends, level: level)[1] == 0)
        #expect(VectorMath.exp(ends, level: level)[3] == .infinity)
        #expect(VectorMath.exp(ends, level: level)[4] == 0)
        #expect(VectorMath.exp([88.72], level: level)[0].isFinite)
        // The smallest results keep what digits they have.
        let least = Double(VectorMath.exp([-100], level: level)[0])
        #expect(abs(least - exp(-100.0)) < 2e-45)
        #expect(VectorMath.tanh(ends, level: level)[0] == 1)
        #expect(VectorMath.tanh(ends, level: level)[1] == -1)
        #expect(VectorMath.logistic(ends, level: level)[0] == 1)
        #expect(VectorMath.logistic(ends, level: level)[1] == 0)
        for function in VectorMath.allCases {
            #expect(function(ends, level: level)[2].isNaN)
            #expect(function([], level: level).isEmpty)
        }
    }
}
