import CTwinWire
import TwinCore

extension Draft {
    /// What an assessment says of its own making.
    func account(_ value: Assessment, of message: inout Wire.Assessment) {
        if let band = value.band { message.band = self.band(band) }
        message.method.rawValue = UInt32(value.method?.rawValue ?? 0)
        if let gap = value.gap {
            message.completeness_case = TWINLINE__V1__ASSESSMENT__COMPLETENESS_GAP
            message.gap = gap
        }
        (message.n_modality_shares, message.modality_shares) = list(value.modalityShares) {
            share($0)
        }
        (message.n_counterfactuals, message.counterfactuals) = list(value.counterfactuals) {
            counterfactual($0)
        }
    }

    private func band(_ value: ProbabilityBand) -> Place<Wire.ProbabilityBand> {
        make(twinline__v1__probability_band__init) {
            $0.name = text(value.name)
            ($0.from, $0.to) = (value.from, value.to)
        }
    }

    private func share(_ value: ModalityShare) -> Place<Wire.ModalityShare> {
        make(twinline__v1__modality_share__init) {
            $0.modality.rawValue = UInt32(value.modality?.rawValue ?? 0)
            $0.share = value.share
        }
    }

    private func counterfactual(_ value: Counterfactual) -> Place<Wire.Counterfactual> {
        make(twinline__v1__counterfactual__init) {
            $0.feature = text(value.feature)
            $0.unit = text(value.unit)
            $0.value = value.value
            $0.changed_value = value.changedValue
            $0.changed_probability = value.changedProbability
            $0.changed_band = text(value.changedBand)
        }
    }
}

extension Reader {
    /// What the message says of the assessment's making; bytes of old say nothing.
    func readAccount(
        of message: Wire.Assessment, into value: inout Assessment
    ) throws(WireError) {
        if let band = message.band { value.band = try self.band(band.pointee) }
        // A method of tomorrow is one that is not known.
        value.method = UInt8(exactly: message.method.rawValue).flatMap(
            AttributionMethod.init(rawValue:))
        if message.completeness_case == TWINLINE__V1__ASSESSMENT__COMPLETENESS_GAP {
            value.gap = try Rule.finite(message.gap)
        }
        value.modalityShares = try list(message.modality_shares, message.n_modality_shares, share)
        value.counterfactuals = try list(
            message.counterfactuals, message.n_counterfactuals, counterfactual)
    }

    private func band(_ message: Wire.ProbabilityBand) throws(WireError) -> ProbabilityBand {
        let (from, to) = (try Rule.share(message.from), try Rule.share(message.to))
        guard from <= to else { throw .invalid("a band that ends before it starts") }
        return ProbabilityBand(
            name: try Rule.name(text(message.name), of: "a band"), from: from, to: to)
    }

    private func share(_ message: Wire.ModalityShare) throws(WireError) -> ModalityShare {
        ModalityShare(
            modality: message.modality.rawValue == 0 ? nil : try modality(message.modality),
            share: try Rule.share(message.share))
    }

    private func counterfactual(
        _ message: Wire.Counterfactual
    ) throws(WireError) -> Counterfactual {
        Counterfactual(
            feature: text(message.feature), unit: text(message.unit),
            value: try Rule.finite(message.value),
            changedValue: try Rule.finite(message.changed_value),
            changedProbability: try Rule.share(message.changed_probability),
            changedBand: text(message.changed_band))
    }
}
