import ModelKernels
import Testing

@Suite struct SolverPassTests {
    @Test(arguments: MachineLevel.available)
    func `passes find what a plain search finds`(_ level: MachineLevel) {
        var numbers = SeededNumbers(state: 5)
        for count in [1, 7, 8, 9, 40, 101] {
            let (start, column) = (3, 2)
            let size = start + count
            let store = numbers.floats(2 * 128)
            var gradient = numbers.floats(size).map(Double.init)
            func flags() -> [Double] {
                (0..<size).map { _ in Bool.random(using: &numbers) ? 0 : -.infinity }
            }
            let (up, low) = (flags(), flags())
            let before = gradient
            let passes = SolverPasses(level: level)
            let stretch = SolverPasses.Stretch(start: start, count: count, column: column)
            let found = passes.move(
                &gradient, stretch, up: up, low: low, store: store, .init(row: 0, step: 0.25),
                .init(row: 128, step: -0.5))
            for variable in 0..<size {
                let place = variable - start + column
                let moved =
                    variable < start
                    ? 0 : 0.25 * Double(store[place]) - 0.5 * Double(store[128 + place])
                #expect(abs(gradient[variable] - before[variable] - moved) < 1e-12)
            }
            let range = start..<size
            let highest = range.filter { up[$0] == 0 }.max { gradient[$0] > gradient[$1] }
            #expect(found.up.variable == highest)
            #expect(
                found.low.variable
                    == range.filter { low[$0] == 0 }.max { gradient[$0] < gradient[$1] })
            let diagonal = [Double](repeating: 2, count: 128)
            let partner = passes.partner(
                gradient, stretch, low: low, store: store, row: 128, diagonal: diagonal, top: 0.3,
                own: 1.5)
            func gain(_ variable: Int) -> Double {
                let violation = gradient[variable] + 0.3
                let bend = 3.5 - 2 * Double(store[128 + variable - start + column])
                return low[variable] == 0 && violation > 0 ? violation * violation / bend : -1
            }
            let best = range.filter { gain($0) > 0 }.max { gain($0) < gain($1) }
            #expect(partner.variable == best)
        }
    }

    @Test(arguments: MachineLevel.available)
    func `of equal values the first is found`(_ level: MachineLevel) {
        for count in [5, 16, 37] {
            var gradient = [Double](repeating: -1, count: count)
            let open = [Double](repeating: 0, count: count)
            let store = [Float](repeating: 0, count: 64)
            let found = SolverPasses(level: level).move(
                &gradient, .init(start: 0, count: count, column: 0), up: open, low: open,
                store: store, .init(row: 0, step: 0), .init(row: 0, step: 0))
            #expect(found.up == .init(value: 1, variable: 0))
            #expect(found.low == .init(value: -1, variable: 0))
        }
    }
}
