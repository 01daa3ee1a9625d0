import TwinCore
import TwinLink
import TwinTestKit

/// The contract's processes in memory.
struct InProcessWorld: LinkWorld {
    var link: InProcessLink<SplitMix64>

    init(seed: UInt64) { link = InProcessLink(generator: SplitMix64(seed: seed), tickMs: 25) }

    mutating func start() -> Int { link.addNode() }

    mutating func kill(_ node: Int) { link.crash(node) }

    mutating func listen(_ node: Int, at place: Int, hello: Hello, limits: LinkLimits) {
        _ = link.listen(node, at: "place \(place)", hello: hello, limits: limits)
    }

    mutating func connect(
        _ node: Int, to place: Int, hello: Hello, limits: LinkLimits
    ) -> PeerID {
        link.connect(node, to: "place \(place)", hello: hello, limits: limits)
    }

    mutating func send(_ commands: [HubCommand], from node: Int) { link.send(commands, from: node) }

    mutating func events(withinMs ms: Int) -> [(node: Int, event: HubEvent)] {
        link.advance(to: link.now.later(ms: ms))
    }
}

extension Instant {
    func later(ms: Int) -> Instant {
        Instant(microsecondsSinceEpoch: microsecondsSinceEpoch + Int64(ms) * 1000)
    }
}
