import Testing
import TwinLink
import TwinTestKit

struct LinkContractTests {
    @Test(arguments: LinkContract.all)
    func `links in memory keep the contract`(contract: LinkContract) throws {
        var world: any LinkWorld = InProcessWorld(seed: 1)
        try contract.check(&world)
    }
}
