import ArgumentParser
import TwinCore

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "The store, who is connected to it, what is active and what is behind.")

    @OptionGroup var store: StoreOptions
    @OptionGroup var common: OutputOptions

    struct Peer: Encodable {
        let name: String
        let role: String
        let version: String
        let credits: UInt32
        let inFlight: UInt32
        let completed: UInt64
    }

    struct Active: Encodable {
        let outcome: String
        let artifact: String
        let epoch: UInt64
        let activatedAt: String
    }

    struct Trial: Encodable {
        let outcome: String
        let artifact: String
        /// `canary` or `shadow`.
        let mode: String
        let share: Double?
        let epoch: UInt64
    }

    struct Links: Encodable {
        /// Devices that send regularly, or did.
        let count: UInt64
        let silent: UInt64
    }

    struct Alarm: Encodable {
        let kind: String
        let twin: String
        let source: String
        let lastReceived: String
        let gapSeconds: Double
        let silentAfterSeconds: Double
    }

    struct Document: Encodable {
        let version: String
        let health: String
        let upSeconds: UInt64
        let twins: UInt64
        let observations: UInt64
        let assessments: UInt64
        let due: UInt64
        let poisoned: UInt64
        let cursor: UInt64
        let active: [Active]
        let trials: [Trial]
        /// Outcomes whose inputs or answers have changed much since the training.
        let drifted: [String]
        let peers: [Peer]
        let links: Links
        /// Technical alarms.
        let alarms: [Alarm]

        init(_ status: StoreStatus) {
            version = status.version
            health = status.poisonedCount == 0 ? "ok" : "degraded"
            upSeconds = status.upSeconds
            twins = status.twinCount
            observations = status.observationCount
            assessments = status.assessmentCount
            due = status.dueCount
            poisoned = status.poisonedCount
            cursor = status.cursor
            active = status.activations.map {
                Active(
                    outcome: $0.outcome, artifact: $0.artifact.hex, epoch: $0.epoch,
                    activatedAt: $0.activatedAt.description)
            }
            trials = status.trials.map {
                Trial(
                    outcome: $0.outcome, artifact: $0.artifact.hex, mode: "\($0.mode)",
                    share: $0.mode == .canary ? $0.share : nil, epoch: $0.epoch)
            }
            drifted = status.drifted
            peers = status.peers.map {
                Peer(
                    name: $0.name, role: $0.role, version: $0.version, credits: $0.credits,
                    inFlight: $0.inFlight, completed: $0.completed)
            }
            links = Links(count: status.linkCount, silent: status.silentLinkCount)
            alarms = status.silentLinks.map {
                Alarm(
                    kind: "silent-link", twin: $0.twin.text, source: $0.link.source,
                    lastReceived: $0.link.lastReceived.description,
                    gapSeconds: $0.link.gapSeconds,
                    silentAfterSeconds: $0.link.silentAfterSeconds)
            }
        }
    }

    func run() async throws {
        let status = try await StoreClient.use(store) { try await $0.status() }
        let document = Document(status)
        if common.json { return try Output.json(document) }
        Output.line(
            "store \(document.version)  \(document.health)  up \(document.upSeconds) s  "
                + "\(document.twins) twins  \(document.observations) observations  "
                + "\(document.assessments) assessments  \(document.due) due  "
                + "\(document.links.count) device links, \(document.links.silent) silent")
        for alarm in document.alarms {
            Output.line(
                "technical alarm  \(alarm.source) is silent for \(alarm.twin), last heard "
                    + alarm.lastReceived)
        }
        for active in document.active {
            Output.line(
                "active  \(active.outcome)  \(active.artifact.prefix(12))  epoch \(active.epoch)")
        }
        for trial in document.trials {
            let share = trial.share.map { " for \(Output.short($0 * 100)) %" } ?? ""
            Output.line(
                "\(trial.mode)  \(trial.outcome)  \(trial.artifact.prefix(12))\(share)  epoch "
                    + "\(trial.epoch)")
        }
        for outcome in document.drifted {
            Output.line(
                "drift   \(outcome)  is not what it was trained on: `twinctl model drift "
                    + "\(outcome)`")
        }
        Output.table(
            [["peer", "role", "version", "credits", "in flight", "completed"]]
                + document.peers.map {
                    [
                        $0.name, $0.role, $0.version, "\($0.credits)", "\($0.inFlight)",
                        "\($0.completed)",
                    ]
                })
    }
}
