public import TwinCore

/// Finds the one twin that a message speaks of.
public enum PatientNaming {
    /// The twin that all patients of the message are; refused where it is none or not one.
    ///
    /// A medical record number goes before a patient's internal number, and that before any
    /// other; two of the best kind that differ are ambiguous, and never resolved by guessing.
    public static func twin(
        of patients: [[RawIdentifier]], in text: [UInt8], channel: Channel
    ) throws(Refusal) -> TwinID {
        var found: TwinID?
        for identifiers in patients {
            guard let twin = try twin(of: identifiers, in: text, channel) else { continue }
            if let found, found != twin {
                throw Refusal(.ambiguousPatient, "the message names two patients")
            }
            found = twin
        }
        guard let found else { throw Refusal(.noPatient, "no patient identifier") }
        return found
    }

    private static func twin(
        of identifiers: [RawIdentifier], in text: [UInt8], _ channel: Channel
    ) throws(Refusal) -> TwinID? {
        let best = identifiers.lazy.filter { !$0.value.isEmpty }.map { rank($0, text.span) }.min()
        guard let best else { return nil }
        var found: TwinID?
        for identifier in identifiers where !identifier.value.isEmpty {
            guard rank(identifier, text.span) == best else { continue }
            let twin = try name(identifier, in: text, channel)
            if let found, found != twin {
                throw Refusal(.ambiguousPatient, "two identifiers of one kind that differ")
            }
            found = twin
        }
        return found
    }

    private static func name(
        _ identifier: RawIdentifier, in text: [UInt8], _ channel: Channel
    ) throws(Refusal) -> TwinID {
        let value = Cleaner.string(text, identifier.value)
        let authority =
            identifier.authority.isEmpty
            ? channel.assigningAuthority ?? "" : Cleaner.string(text, identifier.authority)
        if authority.isEmpty, channel.needsAuthority {
            throw Refusal(.noPatient, "no-authority: nobody says who assigned the identifier")
        }
        // The bar parts authority from identifier: inside an identifier it could forge one.
        guard !value.utf8.contains(0x7C),
            let twin = TwinID(authority.isEmpty ? value : authority + "|" + value)
        else { throw Refusal(.noPatient, "an identifier that can't be a name") }
        return twin
    }

    /// 0 for a medical record number, 1 for an internal number, 2 for the rest.
    private static func rank(_ identifier: RawIdentifier, _ text: Span<UInt8>) -> Int {
        let kind = text.extracting(identifier.kind.range)
        var end = kind.count
        while end > 0, kind[end - 1] == 0x20 { end -= 1 }
        guard end == 2 else { return 2 }
        switch (kind[0], kind[1]) {
        case (0x4D, 0x52): return 0
        case (0x50, 0x49): return 1
        default: return 2
        }
    }
}
