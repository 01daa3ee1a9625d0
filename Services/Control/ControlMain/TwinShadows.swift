import ArgumentParser
import ControlPicture
import TwinCore

extension TwinCommand {
    struct Shadows: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "What shadows said of a twin: for those who judge models, not for doctors.")
        @OptionGroup var subject: Subject

        func run() async throws {
            let id = try subject.twin()
            let found = try await StoreClient.use(subject.store) { try await $0.shadows(of: id) }
            if found.isEmpty, !subject.common.json {
                throw CommandFailure("no shadow has said anything of \(id)")
            }
            for stored in found {
                if subject.common.json {
                    try Output.json(ShadowDocument(assessment: AssessmentDocument(stored)))
                } else {
                    let title = "shadow \(stored.assessment.artifact.hex.prefix(12))"
                    Output.line("\(title)  r\(stored.assessment.revision)")
                    for line in AssessmentText(stored).lines() { Output.line(line) }
                }
            }
        }
    }

    /// An assessment that can't be taken for one that is shown.
    private struct ShadowDocument: Encodable {
        let shadow = true
        let assessment: AssessmentDocument

        private enum CodingKeys: CodingKey { case shadow, assessment }
    }

    struct Pardon: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lets the tasks of a twin that were given up be tried once more.")
        @OptionGroup var subject: Subject

        func run() async throws {
            let id = try subject.twin()
            let summary = try await StoreClient.use(subject.store) { try await $0.pardon(id) }
            if subject.common.json { return try Output.json(["pardoned": summary.id.text]) }
            Output.line("\(summary.id) is tried once more; `twinctl status` says what comes of it")
        }
    }
}

extension StoreClient {
    func shadows(of id: TwinID) async throws -> [StoredAssessment] {
        try await everyAssessment(after: 0) { .shadows(id: id, afterRevision: $0, limit: 1_000) }
    }

    func pardon(_ id: TwinID) async throws -> TwinSummary {
        guard case .twins(let lines) = try await ask(.pardon(id)).answer, let line = lines.first
        else { throw unexpected }
        return line
    }
}
