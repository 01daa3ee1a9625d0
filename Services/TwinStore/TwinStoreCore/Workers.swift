import DequeModule
import TwinCore

/// A connected worker.
struct Worker: Sendable {
    let role: Int
    let version: UInt16
    var credits: UInt32
    var inFlightCount: UInt32 = 0
    var completedCount: UInt64 = 0
    /// What it has proved of what is active or on its way.
    var prepared: Set<ArtifactID> = []
    /// Whether it may be given tasks: its version is the newest, or all that is active is prepared.
    var isServing = false
    /// Until then it gets no tasks, because it let one expire or was overloaded.
    var restUntilMs: UInt64 = 0
    /// A shadow's order, which it has instead of any others.
    var shadowRequest: TwinRoom.Request?
    /// A shadow's order that it has not answered in time.
    var overdueShadowRequest: TwinRoom.Request?
    /// When artifacts that it could not prepare are sent again.
    var prepareAgainAtMs: UInt64 = 0
}

/// An order that is in flight.
struct TaskInFlight: Sendable {
    let twin: TwinIndex
    let role: Int
    let worker: TwinRoom.Peer
    /// Of features: what the worker's state has come to; 0 means nothing.
    let from: Revision
    let to: Revision
    /// Of assessments: the epoch of its artifacts, those since when it asks for, and the features' count.
    let epoch: UInt64
    let sinceEpoch: UInt64
    let featureSerial: UInt32
    let deadlineMs: UInt64
    /// Whether it is a twin's last try, which a worker has to itself.
    let isLastTry: Bool
}

/// Artifacts that a model worker is preparing.
struct PrepareOrder: Sendable {
    let worker: TwinRoom.Peer
    let artifacts: [ArtifactID]
    let deadlineMs: UInt64
}

/// The workers of one role, and the twins that wait for them.
struct Pool: Sendable {
    /// In the order in which they came.
    var workers: [TwinRoom.Peer] = []
    /// Where the search for a free worker goes on.
    var next = 0
    /// Twins with fresh data, the longest waiting first.
    var fresh = Deque<TwinIndex>()
    /// Twins that one more failure would poison: each is tried alone, so that no twin is
    /// condemned for its neighbour's fault.
    var lastTries = Deque<TwinIndex>()
    /// The worker that is kept for last tries.
    var isolated: TwinRoom.Peer?
    /// Twins from here on may be due without being queued: after a restart, an activation or a new
    /// extractor every twin is, and they follow behind those with fresh data.
    var sweep = 0
    /// Counts the orders.
    var turn: UInt64 = 0
    /// The newest version among its workers, also after they left.
    var version: UInt16 = 0
}

/// The names of versions, numbered so that a twin's entry stays small.
struct Versions: Sendable {
    static let byteCountMax = 64
    private static let countMax = 4096

    private var names: [String] = [""]
    private var numbers: [String: UInt16] = ["": 0]

    /// The number of a version; nil where there are too many, or its name is too long.
    mutating func number(_ name: String) -> UInt16? {
        if let known = numbers[name] { return known }
        guard names.count < Versions.countMax, name.utf8.count <= Versions.byteCountMax else {
            return nil
        }
        let number = UInt16(names.count)
        names.append(name)
        numbers[name] = number
        return number
    }

    func name(_ number: UInt16) -> String { names[Int(number)] }

    /// Whether `left` is older than `right`: runs of digits count as numbers, so 1.9 is older than 1.10.
    func precedes(_ left: UInt16, _ right: UInt16) -> Bool {
        if left == right { return false }
        let (leftParts, rightParts) = (parts(left), parts(right))
        for (leftPart, rightPart) in zip(leftParts, rightParts) where leftPart != rightPart {
            return leftPart < rightPart
        }
        return leftParts.count < rightParts.count
    }

    private struct Part: Equatable {
        var isNumber: Bool
        var bytes: [UInt8]

        static func < (left: Part, right: Part) -> Bool {
            if left.isNumber != right.isNumber { return right.isNumber }
            if left.isNumber, left.bytes.count != right.bytes.count {
                return left.bytes.count < right.bytes.count
            }
            return left.bytes.lexicographicallyPrecedes(right.bytes)
        }
    }

    private func parts(_ number: UInt16) -> [Part] {
        var parts: [Part] = []
        for byte in name(number).utf8 {
            let isDigit = (0x30...0x39).contains(byte)
            if let last = parts.last, last.isNumber == isDigit {
                // Leading zeros do not make a number greater.
                if isDigit, last.bytes == [0x30] { parts[parts.count - 1].bytes = [] }
                parts[parts.count - 1].bytes.append(byte)
            } else {
                parts.append(Part(isNumber: isDigit, bytes: [byte]))
            }
        }
        return parts
    }
}
