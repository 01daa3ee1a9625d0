import Foundation
import Testing
import TwinTestKit

extension SystemTests {
    /// Devices that speak the native protocol, in another language.
    @Suite(.enabled(if: NativePeer.isPresent, NativePeer.whyAbsent))
    struct NativeDoorTests {
        @Test func `a thousand observations of another program are in the store, once`()
            async throws
        {
            try await RunningHouse.open { house in
                let fed = try await NativePeer.feed(house, count: 1000, patient: "WARD|7")
                #expect(fed.status == 0, "\(fed)")
                let summary = try fed.document(NativeSummary.self)
                #expect(summary.accepted == 1000 && summary.refusals.isEmpty)
                try await house.awaitObservations(1000)
                let stored = try await house.history("WARD|7")
                #expect(stored.count == 1000)
                #expect(Set(stored.map(\.eventTime)).count == 1000)
                let inOrder = stored.sorted { $0.eventTime < $1.eventTime }
                #expect(inOrder.map(\.number) == (0..<1000).map { 70.0 + Double($0 % 20) })
                #expect(stored.allSatisfy { $0.usable && $0.unit == "/min" })
                #expect(stored.allSatisfy { $0.code == "http://loinc.org|8867-4" })
            }
        }

        @Test func `what is not known is kept and flagged, what can't be read is refused`()
            async throws
        {
            try await RunningHouse.open { house in
                let rows = """
                    [{"twin": "W|1", "system": "urn:vendor", "code": "X-17", "number": 5.5,
                      "unit": "furlong", "time": 1767225600000000},
                     {"twin": "W|1", "system": "http://loinc.org", "code": "8867-4", "number": 71,
                      "unit": "furlong", "time": 1767225601000000},
                     {"twin": "W|1", "system": "http://loinc.org", "code": "8867-4", "number": 72,
                      "unit": "/min", "time": 1767225602000000}]
                    """
                let taken = try await NativePeer.run(house, "native_rows.py", ["rows", rows])
                #expect(try taken.document(NativeSummary.self).accepted == 3, "\(taken)")
                try await house.awaitObservations(3)
                let stored = try await house.history("W|1")
                #expect(stored.map(\.number) == [5.5, 71, 72])
                #expect(stored.map(\.usable) == [false, false, true])
                #expect(stored[0].code == "urn:vendor|X-17" && stored[0].unit == "furlong")
                #expect(stored[0].flags.contains("code-unknown"))
                #expect(stored[1].flags.contains("unit-unknown") && stored[1].unit == "furlong")
                try await refuses(house)
            }
        }

        /// Bytes that are no batch, and batches that break a rule: refused whole, with a reason.
        private func refuses(_ house: RunningHouse) async throws {
            let bodies = ["ffffffff", ""]
            for body in bodies {
                let refused = try await NativePeer.run(house, "native_rows.py", ["raw", body])
                #expect(refused.status == 1, "\(refused)")
                let summary = try refused.document(NativeSummary.self)
                #expect(summary.accepted == 0)
                #expect(summary.refusals.count == 1, "\(refused)")
                #expect(summary.refusals.first?.contains("REASON_MALFORMED") == true, "\(refused)")
            }
            let nobody = """
                [{"twin": "W|2", "system": "http://loinc.org", "code": "8867-4", "number": 72,
                  "unit": "/min", "time": 1767225602000000},
                 {"twin": "", "system": "http://loinc.org", "code": "8867-4", "number": 72,
                  "unit": "/min", "time": 1767225602000000}]
                """
            let refused = try await NativePeer.run(house, "native_rows.py", ["rows", nobody])
            #expect(try refused.document(NativeSummary.self).refusals.count == 1, "\(refused)")
            #expect(try await house.twins().map(\.id) == ["W|1"])
            let entries = try await house.quarantine()
            #expect(entries.count == 3)
            #expect(entries.allSatisfy { $0.reason == "malformed" && $0.format == "native" })
        }
    }
}
