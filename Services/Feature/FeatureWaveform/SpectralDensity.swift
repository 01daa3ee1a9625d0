/// The one-sided power density of an even series, by Welch's method.
struct SpectralDensity {
    private(set) var densities: [Double] = []
    let stepHz: Double

    init(_ values: [Double], samplesPerSecond: Double, windowSeconds: Double) {
        let window = min(values.count, Int(windowSeconds * samplesPerSecond))
        var size = 8
        // Twice the window, so that the bands' borders fall between fine steps.
        while size < 2 * window { size *= 2 }
        stepHz = samplesPerSecond / Double(size)
        let transform = FourierTransform(size: size)
        densities = [Double](repeating: 0, count: size / 2 + 1)
        guard window >= 4 else { return }
        let hann = (0..<window).map { index in
            0.5 - 0.5 * transform.cosine(turns: (Double(index) + 0.5) / Double(window))
        }
        let power = hann.reduce(0) { $0 + $1 * $1 }
        let starts = Array(stride(from: 0, through: values.count - window, by: max(1, window / 2)))
        for start in starts {
            var real = SpectralDensity.withoutLine(values[start..<start + window])
            for index in real.indices { real[index] *= hann[index] }
            real += [Double](repeating: 0, count: size - window)
            var imaginary = [Double](repeating: 0, count: size)
            transform.run(&real, &imaginary)
            for index in densities.indices {
                let sides = index == 0 || index == size / 2 ? 1.0 : 2.0
                densities[index] +=
                    sides
                    * (real[index] * real[index] + imaginary[index] * imaginary[index])
                    / (samplesPerSecond * power * Double(starts.count))
            }
        }
    }

    /// The power of a band, its upper border not included.
    func power(from low: Double, to high: Double) -> Double {
        var sum = 0.0
        for (index, density) in densities.enumerated() {
            let frequency = Double(index) * stepHz
            if frequency >= low, frequency < high { sum += density }
        }
        return sum * stepHz
    }

    /// The frequency of the highest density of a band, and its neighbours' share of the band.
    func peak(from low: Double, to high: Double) -> (frequency: Double, share: Double)? {
        let first = Int((low / stepHz).rounded(.up))
        let last = min(densities.count - 2, Int(high / stepHz))
        guard first >= 1, first < last,
            let top = (first...last).max(by: { densities[$0] < densities[$1] })
        else { return nil }
        let all = power(from: low, to: high)
        guard all > 0 else { return nil }
        let frequency = Double(top) * stepHz
        let near = power(from: max(low, frequency - 0.04), to: min(high, frequency + 0.04))
        let (left, middle, right) = (densities[top - 1], densities[top], densities[top + 1])
        let bend = left - 2 * middle + right
        let shift = bend == 0 ? 0 : 0.5 * (left - right) / bend
        return (frequency + max(-0.5, min(0.5, shift)) * stepHz, near / all)
    }

    private static func withoutLine(_ values: ArraySlice<Double>) -> [Double] {
        let count = Double(values.count)
        let middle = (count - 1) / 2
        let mean = values.reduce(0, +) / count
        var product = 0.0
        var spread = 0.0
        for (index, value) in values.enumerated() {
            product += (Double(index) - middle) * (value - mean)
            spread += (Double(index) - middle) * (Double(index) - middle)
        }
        let slope = spread > 0 ? product / spread : 0
        return values.enumerated().map { $1 - mean - slope * (Double($0) - middle) }
    }
}

/// The discrete Fourier transform of a power of two.
struct FourierTransform {
    let size: Int
    private let cosines: [Double]
    private let sines: [Double]

    init(size: Int) {
        precondition(size >= 8 && size & (size - 1) == 0)
        self.size = size
        var cosines = [Double](repeating: 1, count: size)
        var sines = [Double](repeating: 0, count: size)
        // An eighth of a turn is exact to the last bits by its series; the rest is symmetry.
        for index in 0..<size {
            let angle = FourierTransform.circle(Double(index) / Double(size))
            cosines[index] = angle.cosine
            sines[index] = angle.sine
        }
        self.cosines = cosines
        self.sines = sines
    }

    func cosine(turns: Double) -> Double { FourierTransform.circle(turns).cosine }

    /// Cosine and sine of a part of a turn, without a library of the platform.
    static func circle(_ turns: Double) -> (cosine: Double, sine: Double) {
        let part = turns - turns.rounded(.down)
        let quarter = Int((part * 4).rounded())
        let angle = (part - Double(quarter) / 4) * 2 * Double.pi
        var cosine = 1.0
        var sine = angle
        var term = angle
        for order in 2...19 {
            term *= angle / Double(order)
            switch order % 4 {
            case 0: cosine += term
            case 1: sine += term
            case 2: cosine -= term
            default: sine -= term
            }
        }
        switch quarter % 4 {
        case 0: return (cosine, sine)
        case 1: return (-sine, cosine)
        case 2: return (-cosine, -sine)
        default: return (sine, -cosine)
        }
    }

    func run(_ real: inout [Double], _ imaginary: inout [Double]) {
        precondition(real.count == size && imaginary.count == size)
        reorder(&real, &imaginary)
        var half = 1
        while half < size {
            let stride = size / (2 * half)
            for start in Swift.stride(from: 0, to: size, by: 2 * half) {
                for index in 0..<half {
                    let (cosine, sine) = (cosines[index * stride], -sines[index * stride])
                    let (low, high) = (start + index, start + index + half)
                    let turnedReal = real[high] * cosine - imaginary[high] * sine
                    let turnedImaginary = real[high] * sine + imaginary[high] * cosine
                    real[high] = real[low] - turnedReal
                    imaginary[high] = imaginary[low] - turnedImaginary
                    real[low] += turnedReal
                    imaginary[low] += turnedImaginary
                }
            }
            half *= 2
        }
    }

    private func reorder(_ real: inout [Double], _ imaginary: inout [Double]) {
        var mirrored = 0
        for index in 1..<size {
            var bit = size >> 1
            while mirrored & bit != 0 {
                mirrored ^= bit
                bit >>= 1
            }
            mirrored |= bit
            if index < mirrored {
                real.swapAt(index, mirrored)
                imaginary.swapAt(index, mirrored)
            }
        }
    }
}
