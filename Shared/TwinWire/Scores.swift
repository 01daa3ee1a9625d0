import CTwinWire
import TwinCore

extension Draft {
    func sheet(_ sheet: ScoreSheet) -> Place<Wire.ScoreSheet>? {
        guard !sheet.isEmpty else { return nil }
        return make(twinline__v1__score_sheet__init) {
            ($0.n_inputs, $0.inputs) = list(sheet.inputs) { input($0) }
            ($0.n_scores, $0.scores) = list(sheet.scores) { score($0) }
        }
    }

    private func input(_ input: ScoreInput) -> Place<Wire.ScoreInput> {
        make(twinline__v1__score_input__init) {
            $0.code = code(input.code)
            $0.number = input.number
            $0.unit = text(input.unit)
            $0.event_time_us = input.eventTime.microsecondsSinceEpoch
            $0.source = text(input.source)
            $0.flags = input.flags.rawValue
            if let expiresAt = input.expiresAt {
                $0.expiry_case = TWINLINE__V1__SCORE_INPUT__EXPIRY_EXPIRES_AT_US
                $0.expires_at_us = expiresAt.microsecondsSinceEpoch
            }
        }
    }

    private func score(_ score: Score) -> Place<Wire.Score> {
        make(twinline__v1__score__init) {
            $0.name = text(score.name)
            $0.title = text(score.title)
            $0.version = text(score.version)
            $0.unit = text(score.unit)
            ($0.n_parts, $0.parts) = list(score.parts) { part in
                make(twinline__v1__score_part__init) {
                    $0.name = text(part.name)
                    ($0.n_stages, $0.stages) = list(part.stages) { stage($0) }
                }
            }
            ($0.n_bands, $0.bands) = list(score.bands) { band($0) }
        }
    }

    private func stage(_ stage: ScoreStage) -> Place<Wire.ScoreStage> {
        make(twinline__v1__score_stage__init) {
            if let until = stage.until {
                $0.end_case = TWINLINE__V1__SCORE_STAGE__END_UNTIL_US
                $0.until_us = until.microsecondsSinceEpoch
            }
            if let least = stage.least {
                $0.lower_case = TWINLINE__V1__SCORE_STAGE__LOWER_LEAST
                $0.least = least
            }
            if let most = stage.most {
                $0.upper_case = TWINLINE__V1__SCORE_STAGE__UPPER_MOST
                $0.most = most
            }
            var inputs = ColumnDraft(capacity: stage.inputs.count, in: self)
            for input in stage.inputs { inputs.append(input) }
            ($0.n_inputs, $0.inputs) = inputs.whole
            $0.flags = stage.flags.rawValue
            $0.note = text(stage.note)
        }
    }

    private func band(_ band: ScoreBand) -> Place<Wire.ScoreBand> {
        make(twinline__v1__score_band__init) {
            $0.name = text(band.name)
            if let from = band.from {
                $0.lower_case = TWINLINE__V1__SCORE_BAND__LOWER_FROM
                $0.from = from
            }
            if let points = band.orSinglePart {
                $0.single_case = TWINLINE__V1__SCORE_BAND__SINGLE_OR_SINGLE_PART
                $0.or_single_part = points
            }
        }
    }
}

extension Reader {
    func sheet(_ place: Place<Wire.ScoreSheet>?) throws(WireError) -> ScoreSheet {
        guard let message = place?.pointee else { return ScoreSheet() }
        let sheet = ScoreSheet(
            inputs: try list(message.inputs, message.n_inputs, input),
            scores: try list(message.scores, message.n_scores, score))
        for score in sheet.scores {
            for stage in score.parts.flatMap(\.stages) {
                guard stage.inputs.allSatisfy({ $0 < sheet.inputs.count }) else {
                    throw .invalid("a score of inputs that its sheet does not have")
                }
            }
        }
        return sheet
    }

    private func input(_ message: Wire.ScoreInput) throws(WireError) -> ScoreInput {
        let expires = message.expiry_case == TWINLINE__V1__SCORE_INPUT__EXPIRY_EXPIRES_AT_US
        return ScoreInput(
            code: try one(message.code, "an input without a code", code),
            number: try Rule.finite(message.number), unit: try Rule.word(text(message.unit)),
            eventTime: try Rule.instant(message.event_time_us),
            source: try Rule.word(text(message.source)),
            flags: QualityFlags(rawValue: message.flags),
            expiresAt: expires ? try Rule.instant(message.expires_at_us) : nil)
    }

    private func score(_ message: Wire.Score) throws(WireError) -> Score {
        Score(
            name: try Rule.name(text(message.name), of: "a score"), title: text(message.title),
            version: text(message.version), unit: try Rule.word(text(message.unit)),
            parts: try list(message.parts, message.n_parts, part),
            bands: try list(message.bands, message.n_bands, band))
    }

    private func part(_ message: Wire.ScorePart) throws(WireError) -> ScorePart {
        guard message.n_stages > 0 else { throw .invalid("a part of a score without a stage") }
        return ScorePart(
            name: text(message.name), stages: try list(message.stages, message.n_stages, stage))
    }

    private func stage(_ message: Wire.ScoreStage) throws(WireError) -> ScoreStage {
        let ends = message.end_case == TWINLINE__V1__SCORE_STAGE__END_UNTIL_US
        let hasLeast = message.lower_case == TWINLINE__V1__SCORE_STAGE__LOWER_LEAST
        let hasMost = message.upper_case == TWINLINE__V1__SCORE_STAGE__UPPER_MOST
        return ScoreStage(
            until: ends ? try Rule.instant(message.until_us) : nil,
            least: hasLeast ? try Rule.finite(message.least) : nil,
            most: hasMost ? try Rule.finite(message.most) : nil,
            inputs: Array(UnsafeBufferPointer(start: message.inputs, count: message.n_inputs)),
            flags: QualityFlags(rawValue: message.flags), note: text(message.note))
    }

    private func band(_ message: Wire.ScoreBand) throws(WireError) -> ScoreBand {
        let hasFrom = message.lower_case == TWINLINE__V1__SCORE_BAND__LOWER_FROM
        let hasSingle = message.single_case == TWINLINE__V1__SCORE_BAND__SINGLE_OR_SINGLE_PART
        return ScoreBand(
            name: text(message.name), from: hasFrom ? try Rule.finite(message.from) : nil,
            orSinglePart: hasSingle ? try Rule.finite(message.or_single_part) : nil)
    }
}
