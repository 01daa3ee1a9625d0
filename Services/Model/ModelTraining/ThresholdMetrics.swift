/// What a threshold does: rows that score at or above it are called positive.
public struct ThresholdMetrics: Hashable, Sendable {
    public let threshold: Double
    public let truePositives: Int
    public let falsePositives: Int
    public let trueNegatives: Int
    public let falseNegatives: Int

    public init(_ rows: ScoredRows, threshold: Double) {
        var (hits, alarms) = (0, 0)
        for (score, label) in zip(rows.scores, rows.labels) where score >= threshold {
            if label { hits += 1 } else { alarms += 1 }
        }
        self.init(threshold, hits: hits, alarms: alarms, of: rows)
    }

    init(_ threshold: Double, hits: Int, alarms: Int, of rows: ScoredRows) {
        self.threshold = threshold
        truePositives = hits
        falsePositives = alarms
        trueNegatives = rows.negativeCount - alarms
        falseNegatives = rows.positiveCount - hits
    }

    /// The share of the positives that are found.
    public var sensitivity: Double? { Self.share(truePositives, falseNegatives) }
    /// The share of the negatives that are left alone.
    public var specificity: Double? { Self.share(trueNegatives, falsePositives) }
    /// The share of those called positive that are.
    public var positivePredictiveValue: Double? { Self.share(truePositives, falsePositives) }
    /// The share of those called negative that are.
    public var negativePredictiveValue: Double? { Self.share(trueNegatives, falseNegatives) }
    public var accuracy: Double? {
        Self.share(truePositives + trueNegatives, falsePositives + falseNegatives)
    }
    /// The lesser of sensitivity and positive predictive value: event 1 of the 2012 challenge.
    public var event1: Double { min(sensitivity ?? 0, positivePredictiveValue ?? 0) }

    private static func share(_ part: Int, _ rest: Int) -> Double? {
        part + rest > 0 ? Double(part) / Double(part + rest) : nil
    }
}

extension ScoredRows {
    /// The metrics at every score that occurs, from the highest threshold to the lowest.
    public var thresholds: [ThresholdMetrics] {
        var (hits, alarms) = (0, 0)
        return ties.reversed().map { tie in
            let positives = tie.count { labels[$0] }
            hits += positives
            alarms += tie.count - positives
            return ThresholdMetrics(
                scores[tie[tie.startIndex]], hits: hits, alarms: alarms, of: self)
        }
    }

    /// The threshold of the greatest event-1 score; of several the highest.
    ///
    /// Choose it on out-of-fold or out-of-bag scores; on the rows of a test it is optimistic.
    public var bestEvent1: ThresholdMetrics? {
        thresholds.reduce(nil) { best, metrics in
            best.map { $0.event1 >= metrics.event1 } == true ? best : metrics
        }
    }

    /// The highest threshold that finds at least this share of the positives.
    public func threshold(forSensitivity least: Double) -> ThresholdMetrics? {
        thresholds.first { ($0.sensitivity ?? 0) >= least }
    }
}
