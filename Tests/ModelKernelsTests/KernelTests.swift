import ModelKernels
import Testing

@Suite struct KernelTests {
    static let curves: [KernelCurve] = [
        .linear, .radial(gamma: 0.3), .polynomial(gamma: 0.5, offset: 1, degree: 3),
        .polynomial(gamma: 0.5, offset: 1, degree: 0), .sigmoid(gamma: 0.2, offset: -0.5),
    ]

    @Test(arguments: MachineLevel.available, curves)
    func `kernel rows are those of the oracle`(_ level: MachineLevel, _ curve: KernelCurve) {
        for sample in Sample.all {
            let panels = sample.panels(curve, level)
            let padded = panels.paddedCount
            var out = [Float](repeating: .nan, count: sample.rowCount * padded)
            let indices = 0..<Int64(sample.rowCount)
            panels.rows(
                of: sample.rows, at: indices.map { $0 * Int64(sample.width) }, into: &out,
                at: indices.map { $0 * Int64(padded) })
            var worst = 0.0
            for row in 0..<sample.rowCount {
                for (got, expected) in zip(out[(row * padded)...], sample.kernels(curve, row: row))
                {
                    worst = max(worst, abs(Double(got) - expected) / max(1, abs(expected)))
                }
            }
            #expect(worst < 4e-6)
        }
    }

    @Test(arguments: MachineLevel.available, [0, 1, 3, 17])
    func `sums are those of the oracle`(_ level: MachineLevel, _ sumCount: Int) {
        var numbers = SeededNumbers(state: 8)
        let curve = KernelCurve.radial(gamma: 0.4)
        for sample in Sample.all {
            let panels = sample.panels(curve, level)
            let padded = panels.paddedCount
            let coefficients = (0..<sumCount * padded).map {
                $0 % padded < sample.vectorCount ? Double.random(in: -5...5, using: &numbers) : 0
            }
            var sums = [Double](repeating: 0.5, count: sample.rowCount * sumCount)
            panels.addSums(
                to: &sums, coefficients: coefficients, sumCount: sumCount, rows: sample.rows,
                rowCount: sample.rowCount)
            for row in 0..<sample.rowCount {
                let kernels = sample.kernels(curve, row: row)
                for sum in 0..<sumCount {
                    let terms = zip(coefficients[(sum * padded)...], kernels).map { $0 * $1 }
                    let error = abs(sums[row * sumCount + sum] - terms.reduce(0.5, +))
                    // The bound grows with the size of what is added.
                    #expect(error <= 1e-6 * terms.reduce(0.5) { $0 + abs($1) })
                }
            }
        }
    }

    @Test(arguments: MachineLevel.available, DenseLayer.Bend.allCases)
    func `layers are those of the oracle`(_ level: MachineLevel, _ bend: DenseLayer.Bend) {
        var numbers = SeededNumbers(state: 9)
        for sample in Sample.all {
            let bias = numbers.floats(sample.vectorCount)
            let layer = DenseLayer(
                weights: sample.weights, bias: bias, inputCount: sample.width,
                outputCount: sample.vectorCount, bend: bend, level: level)
            let out = layer.run(sample.rows, rowCount: sample.rowCount)
            #expect(out.count == sample.rowCount * sample.vectorCount)
            #expect(
                bend(layer.bending(.none).run(sample.rows, rowCount: sample.rowCount), level: level)
                    == out)
            if sample.rowCount > 1 {
                let others = layer.run(
                    sample.rows, from: sample.width, rowCount: sample.rowCount - 1)
                #expect(others == Array(out[sample.vectorCount...]))
            }
            var worst = 0.0
            for row in 0..<sample.rowCount {
                let sums = sample.kernels(.linear, row: row)
                for (output, sum) in sums.enumerated() {
                    let expected = Oracle.bent(bend, sum + Double(bias[output]))
                    let got = Double(out[row * sample.vectorCount + output])
                    worst = max(worst, abs(got - expected))
                }
            }
            #expect(worst < 4e-6)
        }
    }

    @Test(arguments: MachineLevel.available)
    func `one row has the same bits alone and among others`(_ level: MachineLevel) {
        var numbers = SeededNumbers(state: 10)
        let (count, width, rowCount) = (200, 11, 61)
        let rows = numbers.floats(rowCount * width)
        let weights = numbers.floats(count * width)
        let layer = DenseLayer(
            weights: weights, bias: [], inputCount: width, outputCount: count, bend: .tanh,
            level: level)
        let all = layer.run(rows, rowCount: rowCount)
        let panels = KernelPanels(
            vectors: weights, count: count, width: width, curve: .radial(gamma: 0.1), level: level)
        let coefficients = (0..<panels.paddedCount).map { $0 < count ? Double($0 % 7) - 3 : 0 }
        var sums = [Double](repeating: 0, count: rowCount)
        panels.addSums(
            to: &sums, coefficients: coefficients, sumCount: 1, rows: rows, rowCount: rowCount)
        for row in 0..<rowCount {
            let own = Array(rows[row * width..<(row + 1) * width])
            #expect(layer.run(own, rowCount: 1) == Array(all[row * count..<(row + 1) * count]))
            var sum = [0.0]
            panels.addSums(
                to: &sum, coefficients: coefficients, sumCount: 1, rows: own, rowCount: 1)
            #expect(sum[0] == sums[row])
        }
    }

    @Test(arguments: [1, 2, 3])
    func `layers together give the bits of one after the other`(_ count: Int) {
        var numbers = SeededNumbers(state: 12)
        let widths = [13, 40, 7, 33]
        let layers = (0..<count).map { place in
            DenseLayer(
                weights: numbers.floats(widths[place] * widths[place + 1]),
                bias: numbers.floats(widths[place + 1]), inputCount: widths[place],
                outputCount: widths[place + 1], bend: place == 1 ? .tanh : .relu)
        }
        let rows = numbers.floats(61 * 13)
        let expected = layers.reduce(rows) { $1.run($0, rowCount: 61) }
        #expect(DenseLayers(layers).run(rows, rowCount: 61) == expected)
        let others = DenseLayers(layers).run(rows, from: 13, rowCount: 60)
        #expect(others == Array(expected[widths[count]...]))
    }

    /// A row alone leaves out what is 0; among others it does not.
    @Test(arguments: MachineLevel.available)
    func `inputs that are 0 change no bit, nor hide a lost weight`(_ level: MachineLevel) {
        var numbers = SeededNumbers(state: 13)
        for (width, count) in [(300, 200), (64, 3), (1, 33), (4097, 8), (19, 128)] {
            var rows = numbers.floats(8 * width)
            for (place, keep) in zip(rows.indices, numbers.floats(rows.count)) where keep < 0.2 {
                rows[place] = keep < -0.5 ? 0 : -0.0
            }
            for place in 0..<width { rows[place] = 0 }
            for lost in [Float?.none, .nan, .infinity] {
                var weights = numbers.floats(width * count)
                if let lost { weights[count - 1] = lost }
                let layer = DenseLayer(
                    weights: weights, bias: numbers.floats(count), inputCount: width,
                    outputCount: count, level: level)
                let bits = layer.run(rows, rowCount: 8).map(\.bitPattern)
                let alone = (0..<8).flatMap { layer.run(rows, from: $0 * width, rowCount: 1) }
                #expect(alone.indices.allSatisfy { alone[$0].bitPattern == bits[$0] }, "\(width)")
                #expect(alone[count - 1].isNaN == (lost != nil))
            }
        }
    }

    @Test func `AVX2 and AVX-512 give the same bits`() {
        guard MachineLevel.best == .avx512 else { return }
        var numbers = SeededNumbers(state: 11)
        let (count, width, rowCount) = (100, 17, 23)
        let vectors = numbers.floats(count * width)
        let rows = numbers.floats(rowCount * width)
        for curve in Self.curves {
            func sums(_ level: MachineLevel) -> [Double] {
                let panels = KernelPanels(
                    vectors: vectors, count: count, width: width, curve: curve, level: level)
                var sums = [Double](repeating: 0, count: rowCount)
                panels.addSums(
                    to: &sums, coefficients: (0..<panels.paddedCount).map { Double($0 % 5) - 2 },
                    sumCount: 1, rows: rows, rowCount: rowCount)
                return sums
            }
            #expect(sums(.avx2) == sums(.avx512))
        }
        let values = numbers.floats(1000, in: -100...100)
        for function in VectorMath.allCases {
            #expect(function(values, level: .avx2) == function(values, level: .avx512))
        }
    }

    @Test(arguments: MachineLevel.available)
    func `a lost number is never hidden`(_ level: MachineLevel) {
        for curve in Self.curves where curve.degree > 0 || curve.gamma != 0.5 {
            let panels = KernelPanels(
                vectors: [1, 2, 3, 4], count: 2, width: 2, curve: curve, level: level)
            var out = [Float](repeating: 0, count: 32)
            panels.rows(of: [.nan, 1], at: [0], into: &out, at: [0])
            #expect(out[0].isNaN && out[1].isNaN)
        }
        for bend in DenseLayer.Bend.allCases {
            let layer = DenseLayer(
                weights: [1, 1], bias: [1], inputCount: 2, outputCount: 1, bend: bend, level: level)
            #expect(layer.run([.nan, 1], rowCount: 1)[0].isNaN)
        }
    }
}
