import IngestHL7
import Testing

struct FramerTests {
    @Test func `two frames in one piece come out in order`() {
        var framer = MLLPFramer()
        let events = framer.receive(MLLPFramer.framed([1, 2]) + MLLPFramer.framed([3]))
        #expect(events == [.frame([1, 2]), .frame([3])])
        #expect(framer.end() == nil)
    }

    @Test func `one byte at a time gives the same frame`() {
        var framer = MLLPFramer()
        var events: [MLLPFramer.Event] = []
        for byte in MLLPFramer.framed(Array("MSH|x".utf8)) { events += framer.receive([byte]) }
        #expect(events == [.frame(Array("MSH|x".utf8))])
    }

    @Test func `an end block alone is part of the frame`() {
        var framer = MLLPFramer()
        let events = framer.receive([0x0B, 0x41, 0x1C, 0x42, 0x1C, 0x1C, 0x0D])
        #expect(events == [.frame([0x41, 0x1C, 0x42, 0x1C])])
    }

    @Test func `a frame of the limit passes, and one byte more does not`() {
        var framer = MLLPFramer(frameByteCountMax: 10)
        let fits = [UInt8](repeating: 0x41, count: 10)
        #expect(framer.receive(MLLPFramer.framed(fits)) == [.frame(fits)])
        #expect(
            framer.receive(MLLPFramer.framed(fits + [0x41])) == [.fault(.oversized, head: fits)])
        #expect(framer.receive(MLLPFramer.framed([1])) == [])
    }

    @Test func `an endless frame is given up at the limit`() {
        var framer = MLLPFramer(frameByteCountMax: 1000)
        var events = framer.receive([0x0B])
        var received = 0
        while events.isEmpty, received < 10_000 {
            events = framer.receive([UInt8](repeating: 0x41, count: 100))
            received += 100
        }
        #expect(received <= 1100)
        #expect(events == [.fault(.oversized, head: [UInt8](repeating: 0x41, count: 1000))])
    }

    @Test func `too much noise is no MLLP`() {
        var framer = MLLPFramer(noiseByteCountMax: 100)
        #expect(framer.receive([UInt8](repeating: 0x0A, count: 100)) == [])
        #expect(framer.receive(MLLPFramer.framed([1])) == [.frame([1])])
        #expect(
            framer.receive([UInt8](repeating: 0x0A, count: 101))
                == [.fault(.noStartBlock, head: [])])
    }
}
