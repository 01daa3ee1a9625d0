import FeatureCore
import FeatureRoster
import IngestOutbox
import ModelCore
import TwinCore
import TwinStoreCore
import TwinTestKit

/// What must hold of a house at rest, whatever happened to it; what does not, in words.
struct Inspection {
    let world: World
    private(set) var findings: [String]
    private let twins: [TwinID]
    private var states: [TwinID: TwinState] = [:]
    private var histories: [TwinID: [StoredObservation]] = [:]

    init(_ world: World) {
        self.world = world
        findings = world.violations
        twins = (0..<Script.twinCount).map(Script.twin)
        for twin in twins {
            states[twin] = try? world.store.engine.twin(twin, asOf: nil)
            histories[twin] = try? world.store.engine.observations(
                of: twin, after: 0, through: .max, limit: .max)
        }
        checkInputs()
        checkRefusals()
        checkRevisions()
        checkLog()
        checkAssessments()
    }

    /// Nothing acknowledged is lost, nothing is there more often than it was kept, nothing is
    /// invented.
    private mutating func checkInputs() {
        var least: [Fact: Int] = [:]
        var most: [Fact: Int] = [:]
        for (ledger, ingest) in ledgers {
            for (number, message) in ledger.messages.enumerated() {
                let isTaken = ledger.acknowledged.contains(number)
                let copyCountMax = world.ingests[ingest].copyCountMax[message.bytes] ?? 0
                for fact in message.facts {
                    least[fact, default: 0] += isTaken ? 1 : 0
                    most[fact, default: 0] += copyCountMax
                }
            }
        }
        var counts: [Fact: Int] = [:]
        for stored in histories.values.joined() {
            counts[Fact(stored.observation), default: 0] += 1
        }
        for (fact, count) in least where counts[fact] ?? 0 < count {
            findings.append("\(fact.twin) \(fact.code) was acknowledged and is lost")
        }
        for (fact, count) in counts {
            guard let most = most[fact] else {
                findings.append("\(fact.twin) \(fact.code) was never sent")
                continue
            }
            if count > most { findings.append("\(fact.twin) \(fact.code) is there \(count) times") }
        }
    }

    private var ledgers: [(SenderLedger, ingest: Int)] {
        world.monitors.map { ($0.ledger, $0.ingest) } + world.natives.map { ($0.ledger, $0.ingest) }
    }

    /// What can't be taken is refused to its sender and kept in quarantine; all else is taken.
    private mutating func checkRefusals() {
        for (ledger, ingest) in ledgers {
            let quarantine = world.ingests[ingest].quarantine
            let kept = Set(
                quarantine.list(after: 0, limit: .max).compactMap { quarantine.entry($0.id)?.bytes }
            )
            for (number, message) in ledger.messages.enumerated() {
                if message.isHopeless != ledger.refused.contains(number) {
                    findings.append("message \(number) got the wrong answer")
                }
                if message.isHopeless, !kept.contains(message.bytes) {
                    findings.append("message \(number) is not in quarantine")
                }
            }
        }
    }

    /// Revisions count up from 1 without a gap.
    private mutating func checkRevisions() {
        for twin in twins {
            guard let state = states[twin] else { continue }
            let revisions = Set(histories[twin, default: []].map(\.commitRevision))
            if revisions != Set(1...state.revision) { findings.append("\(twin) has a gap") }
        }
    }

    /// The store's records: no gap, every outbox record once, and only active artifacts speak.
    private mutating func checkLog() {
        var offsets: [IngestID: UInt64] = [:]
        var oracle = ReleaseOracle()
        for (index, record) in world.store.engine.log.enumerated() {
            if record.cursor != UInt64(index) + 1 { findings.append("a cursor is missing") }
            switch record.change {
            case .observations(let ingest, let offset, _):
                if offset != (offsets[ingest] ?? 0) + 1 {
                    findings.append("record \(offset) of \(ingest) follows \(offsets[ingest] ?? 0)")
                }
                offsets[ingest] = offset
            case .activation(let activation): oracle.note(activation)
            case .assessments(let twin, _, let made):
                for assessment in oracle.strangers(among: made, of: twin) {
                    let name = Artifacts.name(assessment.artifact)
                    findings.append("\(name) assessed \(twin) without being active")
                }
            case .shadows(let twin, _, let made):
                for one in made where oracle.shadow(of: one.outcome) != one.artifact {
                    let name = Artifacts.name(one.artifact)
                    findings.append("\(name) scored \(twin) without being a shadow")
                }
            case .features, .artifact, .drift: break
            }
        }
    }

    /// Every twin is assessed at its last revision by all that is active, as a replay says.
    private mutating func checkAssessments() {
        let active = world.store.room.activations.map(\.artifact)
        let final = Storm.finalArtifacts.map(Artifacts.id).sorted()
        if active.sorted() != final {
            findings.append("other artifacts are active than were asked")
        }
        let oracle = ReleaseOracle(world.store.room.releases(of: nil))
        for twin in twins {
            guard let state = states[twin] else { continue }
            guard let features = state.features.first, state.features.count == 1,
                features.revision == state.revision,
                features.version == FeatureRoster.all.first?.version
            else {
                findings.append("\(twin) has no features of its last revision")
                continue
            }
            if state.assessments.map(\.assessment)
                != replay(state, by: oracle.speakers(for: twin))
            {
                findings.append("\(twin) is not assessed as a replay says")
            }
            checkShadows(of: state, oracle)
        }
    }

    /// Every twin is scored at its last revision by the shadow, and nothing of it is shown.
    private mutating func checkShadows(of state: TwinState, _ oracle: ReleaseOracle) {
        if oracle.shadow(of: Artifacts.sepsis) != Artifacts.id(Storm.finalShadow) {
            findings.append("another shadow serves than was asked")
        }
        for outcome in oracle.shadowedOutcomes {
            guard let id = oracle.shadow(of: outcome) else { continue }
            let newest = (try? world.store.engine.shadows(of: state.id, after: 0, limit: .max))?
                .last { $0.assessment.outcome == outcome }
            if newest.map(\.assessment) != replay(state, by: [id]).first {
                findings.append("\(state.id) is not scored by the shadow as a replay says")
            }
        }
    }

    private func replay(_ state: TwinState, by artifacts: [ArtifactID]) -> [Assessment] {
        artifacts.compactMap { id -> Assessment? in
            guard case .success(let model) = Artifacts.loader(id, bytes(of: id)) else {
                return nil
            }
            return Assessor().assess(state.features, revision: state.revision, with: model)
        }
    }

    private func bytes(of id: ArtifactID) -> [UInt8] {
        (try? world.store.engine.artifactBytes(id)) ?? []
    }

    /// How the twins differ from those of another run over the same inputs, in words.
    func differences(from other: Inspection) -> [String] {
        twins.flatMap { twin -> [String] in
            guard let mine = states[twin], let others = other.states[twin] else {
                return states[twin] == nil && other.states[twin] == nil
                    ? [] : ["\(twin) is missing"]
            }
            var differences: [String] = []
            if Inspection.timeless(mine.latest) != Inspection.timeless(others.latest) {
                differences.append("\(twin) shows other values than after a quiet run")
            }
            if mine.features.map(Inspection.timeless) != others.features.map(Inspection.timeless) {
                differences.append("\(twin) has other features than after a quiet run")
            }
            if mine.assessments.map(Inspection.timeless)
                != others.assessments.map(Inspection.timeless)
            {
                differences.append("\(twin) is assessed otherwise than after a quiet run")
            }
            return differences
        }
    }

    /// Without what depends on when it came.
    private static func timeless(_ latest: [StoredObservation]) -> [Observation] {
        latest.map { stored in
            var observation = stored.observation
            observation.receiveTime = observation.eventTime
            return observation
        }
    }

    private static func timeless(_ set: FeatureSet) -> FeatureSet {
        var set = set
        set.revision = 0
        return set
    }

    private static func timeless(_ stored: StoredAssessment) -> Assessment {
        var assessment = stored.assessment
        assessment.revision = 0
        return assessment
    }
}
