import Foundation

/// What twinctl prints, as far as the tests read it.
enum Document {
    struct Status: Decodable {
        struct Peer: Decodable {
            let name: String
            let role: String
            let inFlight: Int
            let completed: Int
        }

        struct Active: Decodable {
            let outcome: String
            let artifact: String
            let epoch: Int
        }

        let twins: Int
        let observations: Int
        let assessments: Int
        let due: Int
        let poisoned: Int
        let cursor: Int
        let active: [Active]
        let peers: [Peer]
    }

    struct Twin: Decodable {
        let id: String
        let revision: Int
        let featureRevision: Int
        let assessedRevision: Int
    }

    struct Observation: Decodable {
        let code: String
        /// Nil for texts and for what is absent.
        let number: Double?
        let text: String?
        let unit: String
        let eventTime: String
        let commitRevision: Int
        let source: String
        let flags: [String]
        let usable: Bool

        private enum Key: String, CodingKey {
            case code, value, unit, eventTime, commitRevision, source, flags, usable
        }

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: Key.self)
            code = try values.decode(String.self, forKey: .code)
            number = try? values.decodeIfPresent(Double.self, forKey: .value)
            text = try? values.decodeIfPresent(String.self, forKey: .value)
            unit = try values.decode(String.self, forKey: .unit)
            eventTime = try values.decode(String.self, forKey: .eventTime)
            commitRevision = try values.decode(Int.self, forKey: .commitRevision)
            source = try values.decode(String.self, forKey: .source)
            flags = try values.decode([String].self, forKey: .flags)
            usable = try values.decode(Bool.self, forKey: .usable)
        }
    }

    struct Entry: Decodable {
        let id: Int
        let reason: String
        let detail: String
        let format: String
        let bytes: Int
    }

    struct Assessment: Decodable {
        struct Reason: Decodable, Equatable {
            let feature: String
            let value: Double?
            let contribution: Double
        }

        let outcome: String
        let artifact: String
        let revision: Int
        let commitTime: String
        let probability: Double?
        let indeterminate: String?
        let notAvailable: Bool?
        let baseline: Double
        let remainder: Double
        let reasons: [Reason]
    }

    struct Activation: Decodable {
        let outcome: String
        let artifact: String
        let epoch: Int
        let activatedAt: String
    }

    struct Trained: Decodable {
        let artifact: String
        let file: String
        let rows: Int
    }
}

extension RunningHouse {
    func status() async throws -> Document.Status {
        try await twinctl("status", "--json").document()
    }

    func twins() async throws -> [Document.Twin] {
        try await twinctl("twin", "list", "--json").documents()
    }

    func history(_ id: String) async throws -> [Document.Observation] {
        try await twinctl("twin", "history", id, "--json").documents()
    }

    func quarantine() async throws -> [Document.Entry] {
        try await twinctl("quarantine", "list", "--data", ingestFolder, "--json").documents()
    }

    /// Waits until the store has so many observations, and no twin is behind.
    func awaitObservations(_ count: Int, within seconds: Double = 30) async throws {
        try await eventually("\(count) observations in the store", within: seconds, everyMs: 150) {
            try await status().observations >= count
        }
    }
}
