/// What came of trying settings, each by cross-validation.
public struct HyperparameterSearch: Hashable, Sendable {
    public struct Trial: Hashable, Sendable {
        public let setting: Setting
        /// The measure's mean over the folds, and its standard deviation.
        public let mean: Double
        public let deviation: Double
    }

    /// In the order in which they were tried.
    public let trials: [Trial]
    /// Whether it was stopped before all settings were tried.
    public let wasStopped: Bool

    /// The trial of the greatest mean, of several the first; nil if none came to its end.
    public var best: Trial? {
        trials.reduce(nil) { best, trial in
            best.map { $0.mean >= trial.mean } == true ? best : trial
        }
    }

    /// Tries every setting on the same folds.
    ///
    /// `judge` learns from rows with a setting, and says how good that is for others: the greater
    /// the better, or nil where it can't say. After each setting `progress` hears all trials so far,
    /// and says whether to go on; when it says no, or the task is cancelled, the trials so far are
    /// kept. A setting that was not tried on every fold is not a trial.
    public static func run<Failure: Error>(
        _ table: TrainingTable, folds: Folds, settings: [Setting],
        progress: (HyperparameterSearch) -> Bool = { _ in true },
        judge: (Setting, _ training: TrainingTable, _ test: TrainingTable)
            async throws(CrossValidationError<Failure>) -> Double?
    ) async throws(CrossValidationError<Failure>) -> HyperparameterSearch {
        guard !settings.isEmpty else { throw .scores(.badOption("a search of nothing")) }
        let parts = (0..<folds.foldCount).map {
            (table.taking(folds.trainingRows($0)), table.taking(folds.testRows($0)))
        }
        var search = HyperparameterSearch(trials: [], wasStopped: Task.isCancelled)
        for (tried, setting) in settings.enumerated() where !search.wasStopped {
            var measures: [Double] = []
            for (fold, (training, test)) in parts.enumerated() {
                if let measure = try await judge(setting, training, test) {
                    measures.append(measure)
                }
                guard !Task.isCancelled || fold + 1 == parts.count else {
                    return HyperparameterSearch(trials: search.trials, wasStopped: true)
                }
            }
            guard let trial = Trial(setting, measures) else { throw .scores(.oneClass) }
            search = HyperparameterSearch(trials: search.trials + [trial], wasStopped: false)
            if !progress(search) || Task.isCancelled {
                search = HyperparameterSearch(
                    trials: search.trials, wasStopped: tried + 1 < settings.count)
                break
            }
        }
        return search
    }

    /// The same for scores of an event: `predict` scores rows, `measure` says how good scores are.
    public static func run<Failure: Error>(
        _ table: TrainingTable, folds: Folds, settings: [Setting],
        measure: (ScoredRows) -> Double? = { $0.auroc },
        progress: (HyperparameterSearch) -> Bool = { _ in true },
        predict: (Setting, _ training: TrainingTable, _ test: TrainingTable)
            async throws(Failure) -> [Double]
    ) async throws(CrossValidationError<Failure>) -> HyperparameterSearch {
        try await run(table, folds: folds, settings: settings, progress: progress) {
            (setting, training, test) async throws(CrossValidationError<Failure>) -> Double? in
            let scores: [Double]
            do throws(Failure) { scores = try await predict(setting, training, test) } catch {
                throw .training(error)
            }
            do throws(TrainingError) {
                return measure(try ScoredRows(scores: scores, labels: test.labels))
            } catch { throw .scores(error) }
        }
    }
}

extension HyperparameterSearch.Trial {
    /// Nil where no fold could be measured.
    fileprivate init?(_ setting: Setting, _ measures: [Double]) {
        guard !measures.isEmpty else { return nil }
        let mean = measures.reduce(0, +) / Double(measures.count)
        let variance =
            measures.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(measures.count)
        self.init(setting: setting, mean: mean, deviation: variance.squareRoot())
    }
}

/// How good a way of choosing settings is, on rows that played no part in the choice.
public struct NestedValidation: Hashable, Sendable {
    /// The scores of each row by the model of its fold.
    public let validation: CrossValidation
    /// The search of each fold that was run.
    public let searches: [HyperparameterSearch]

    /// For each fold: searches on folds of the other rows alone, learns from them with the best
    /// setting, and scores the fold.
    ///
    /// No group is parted, neither between the folds nor within them. `progress` hears the fold
    /// and its search so far; once it says no, the fold at hand is scored with the best setting so
    /// far, and it is the last.
    public static func run<Failure: Error>(
        _ table: TrainingTable, folds: Folds, innerCount: Int, settings: [Setting], seed: UInt64,
        measure: (ScoredRows) -> Double? = { $0.auroc },
        progress: (_ fold: Int, HyperparameterSearch) -> Bool = { _, _ in true },
        predict: (Setting, _ training: TrainingTable, _ test: TrainingTable)
            async throws(Failure) -> [Double]
    ) async throws(CrossValidationError<CrossValidationError<Failure>>) -> NestedValidation {
        var searches: [HyperparameterSearch] = []
        let validation = try await CrossValidation.run(
            table, folds: folds, progress: { _ in searches.last?.wasStopped != true }
        ) { (training, test) async throws(CrossValidationError<Failure>) -> [Double] in
            let inner: Folds
            do throws(TrainingError) {
                inner = try Folds(training, count: innerCount, seed: seed)
            } catch { throw .scores(error) }
            let fold = searches.count
            let search = try await HyperparameterSearch.run(
                training, folds: inner, settings: settings, measure: measure,
                progress: { progress(fold, $0) }, predict: predict)
            searches.append(search)
            guard let best = search.best else { throw .scores(.badOption("nothing was tried")) }
            do throws(Failure) { return try await predict(best.setting, training, test) } catch {
                throw .training(error)
            }
        }
        return NestedValidation(validation: validation, searches: searches)
    }
}
