import Glibc
import Testing
import TwinLink
import TwinLinkZeroMQ
import TwinTestKit

/// The contract's processes as hubs with real sockets, all in this process.
struct ZeroMQWorld: LinkWorld {
    private var posts: [Post?] = []
    private var addresses: [Int: String] = [:]

    mutating func start() throws -> Int {
        posts.append(try Post())
        return posts.count - 1
    }

    mutating func kill(_ node: Int) throws {
        posts[node]?.hub.shutdown()
        posts[node] = nil
    }

    mutating func listen(_ node: Int, at place: Int, hello: Hello, limits: LinkLimits) throws {
        let address = addresses[place] ?? "tcp://127.0.0.1:0"
        let listener = try #require(posts[node]).hub.listen(
            Endpoint(address: address, limits: limits, hello: hello))
        addresses[place] = listener.address
    }

    mutating func connect(
        _ node: Int, to place: Int, hello: Hello, limits: LinkLimits
    ) throws -> PeerID {
        try #require(posts[node]).hub.connect(
            Endpoint(address: try #require(addresses[place]), limits: limits, hello: hello))
    }

    mutating func send(_ commands: [HubCommand], from node: Int) {
        posts[node]?.hub.send(commands)
    }

    mutating func events(withinMs ms: Int) -> [(node: Int, event: HubEvent)] {
        let deadline = ContinuousClock.now + .milliseconds(ms)
        while true {
            var events: [(node: Int, event: HubEvent)] = []
            for (node, post) in posts.enumerated() {
                events += (post?.take() ?? []).map { (node, $0) }
            }
            if !events.isEmpty || ContinuousClock.now >= deadline { return events }
            usleep(1000)
        }
    }
}

struct ZeroMQContractTests {
    @Test(arguments: LinkContract.all)
    func `links over ZeroMQ keep the contract`(contract: LinkContract) throws {
        var world: any LinkWorld = ZeroMQWorld()
        try contract.check(&world)
    }
}
