import ModelKernels
import ModelSVM
import Testing

@Suite struct `A machine that is stopped or refused` {
    private func rows() throws -> SVMRows {
        try SVMRows(featureCount: 1, values: [0, 1, 2, 3, 4, 5])
    }

    private let labels = [false, false, true, false, true, true]
    private let options = SVMOptions(task: .classification(cost: 1), curve: .radial(gamma: 1))

    @Test func `keeps the best so far`() throws {
        let fixture = try PeerFixture("svc_rbf")
        var options = fixture.options
        options.tolerance = 1e-9
        var heard: [Double] = []
        let trained = try SVMTraining.classify(fixture.rows, labels: fixture.labels, options) {
            _, violation in
            heard.append(violation)
            return heard.count < 2
        }
        #expect(trained.wasStopped && trained.iterationCount == 256)
        #expect(trained.machine.vectorCount > 10)
        #expect(heard[1] < heard[0])
        #expect(throws: SVMError.stopped) {
            try SVMTraining.classify(fixture.rows, labels: fixture.labels, options) { _, _ in
                false
            }
        }
        options.iterationCountMax = 5
        #expect(
            try SVMTraining.classify(fixture.rows, labels: fixture.labels, options).iterationCount
                == 5)
    }

    @Test func `rows must be numbers, and both classes be there`() throws {
        #expect(throws: SVMError.noFeatures) { try SVMRows(featureCount: 0, values: []) }
        #expect(throws: SVMError.noRows) { try SVMRows(featureCount: 2, values: []) }
        #expect(throws: SVMError.notFinite(row: 1)) {
            try SVMRows(featureCount: 2, values: [1, 2, 3, .nan])
        }
        #expect(throws: SVMError.self) { try SVMRows(featureCount: 2, values: [1, 2, 3]) }
        let rows = try rows()
        #expect(throws: SVMError.oneClass) {
            try SVMTraining.classify(rows, labels: labels.map { _ in true }, options)
        }
        #expect(throws: SVMError.self) { try SVMTraining.classify(rows, labels: [true], options) }
        let regression = SVMOptions(task: .regression(cost: 1, epsilon: 0.1), curve: .linear)
        #expect(throws: SVMError.notFinite(row: 2)) {
            try SVMTraining.regress(rows, targets: [1, 2, .infinity, 4, 5, 6], regression)
        }
        #expect(throws: SVMError.self) {
            try SVMTraining.regress(rows, targets: [1, 2], regression)
        }
        #expect(throws: SVMError.self) {
            try SVMTraining.classify(rows, labels: labels, regression)
        }
    }

    @Test func `options have bounds`() throws {
        let rows = try rows()
        func refuses(_ change: (inout SVMOptions) -> Void) {
            var options = options
            change(&options)
            #expect(throws: SVMError.self) {
                try SVMTraining.classify(rows, labels: labels, options)
            }
        }
        refuses { $0.task = .classification(cost: 0) }
        refuses { $0.task = .classification(cost: .nan) }
        refuses { $0.task = .classification(cost: .infinity) }
        refuses { $0.task = .nuClassification(nu: 1.5) }
        refuses { $0.curve = .radial(gamma: -1) }
        refuses { $0.curve = .radial(gamma: .nan) }
        refuses { $0.curve = .polynomial(gamma: 1, offset: 0, degree: 65) }
        refuses { $0.classWeights = .given(negative: 0, positive: 1) }
        refuses { $0.tolerance = 0 }
        refuses { $0.cacheByteCountMax = -1 }
        refuses {
            $0.task = .nuClassification(nu: 0.5)
            $0.classWeights = .balanced
        }
        #expect(throws: SVMError.nuTooLarge(max: 1.0 / 3)) {
            try SVMTraining.classify(
                rows, labels: [true, false, false, false, false, false],
                SVMOptions(task: .nuClassification(nu: 0.5), curve: .linear))
        }
    }

    @Test func `numbers that run away end in an error`() throws {
        let rows = try SVMRows(featureCount: 1, values: [1e30, -1e30, 1e35, 3e38])
        for curve in [KernelCurve.linear, .polynomial(gamma: 1, offset: 1, degree: 5)] {
            #expect(throws: SVMError.self) {
                try SVMTraining.classify(
                    rows, labels: [true, false, true, false],
                    SVMOptions(task: .classification(cost: 1), curve: curve))
            }
        }
        // All rows alike: the plane is the mean of nothing, but it is one.
        let same = try SVMRows(featureCount: 1, values: [2, 2, 2, 2])
        let trained = try SVMTraining.classify(
            same, labels: [true, false, true, false], options)
        #expect(abs(try SVMScorer(trained.machine).decisionValues([2])[0]) < 1e-6)
    }

    @Test func `a machine is proved`() {
        #expect(throws: SVMError.self) {
            try SupportVectorMachine(
                curve: .linear, featureCount: 2, vectors: [1], coefficients: [1], intercept: 0)
        }
        #expect(throws: SVMError.self) {
            try SupportVectorMachine(
                curve: .linear, featureCount: 1, vectors: [.nan], coefficients: [1], intercept: 0)
        }
    }
}
