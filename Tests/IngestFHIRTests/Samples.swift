import IngestCore
import IngestFHIR
import TwinCore
import TwinTestKit

/// Small resources, and what becomes of them.
enum Samples {
    static let receivedAt = instant("2026-12-31T00:00:00Z")

    static func instant(_ text: String) -> Instant {
        Instant(rfc3339: text) ?? Instant(microsecondsSinceEpoch: 0)
    }

    static let subject = #""subject":{"reference":"Patient/p1"}"#
    static let time = #""effectiveDateTime":"2026-01-12T10:14:00Z""#

    /// A good Observation but for what is said otherwise; an empty part is left out.
    static func observation(
        code: String = #"{"coding":[{"system":"http://loinc.org","code":"8867-4"}]}"#,
        status: String = #""status":"final""#, subject: String = subject, time: String = time,
        value: String = quantity("70"), rest: String = ""
    ) -> String {
        let code = code.isEmpty ? "" : "\"code\":\(code)"
        let parts = [#""resourceType":"Observation""#, status, code, subject, time, value, rest]
        return "{" + parts.filter { !$0.isEmpty }.joined(separator: ",") + "}"
    }

    static func quantity(_ number: String, _ unit: String = "/min") -> String {
        #""valueQuantity":{"value":\#(number),"system":"http://unitsofmeasure.org","code":"\#(unit)"}"#
    }

    static func code(_ loinc: String) -> String {
        #"{"coding":[{"system":"http://loinc.org","code":"\#(loinc)"}]}"#
    }

    /// What a room did with an input, when disk and quarantine keep everything.
    struct Outcome {
        var observations: [Observation] = []
        var quarantined: [QuarantineEntry] = []
        var answers: [FHIRAnswer] = []

        var status: Int { answers.count == 1 ? answers[0].status : -answers.count }
        var body: String { String(decoding: answers.first?.body ?? [], as: UTF8.self) }
        var flags: [QualityFlags] { observations.map(\.flags) }
        var numbers: [Double?] { observations.map(\.number) }
    }

    static func room(_ channel: Channel = Channel()) -> IngestRoom {
        IngestRoom(
            adapters: [FHIRAdapter()], settings: IngestRoom.Settings(channels: [channel]))
    }

    static func take(
        _ bytes: [UInt8], _ room: inout IngestRoom, at now: Instant = receivedAt,
        appendFails: Bool = false
    ) -> Outcome {
        var outcome = Outcome()
        var departures = room.receive(
            .input(.fhir, bytes: bytes, from: Peer(connection: 1), receivedAt: now))
        while !departures.isEmpty {
            switch departures.removeFirst() {
            case .append(_, let token) where appendFails:
                departures += room.receive(.appendFailed(token, detail: "full"))
            case .append(let batch, let token):
                outcome.observations += batch.observations
                departures += room.receive(.appended(token))
            case .quarantine(let entry, let token):
                outcome.quarantined.append(entry)
                departures += room.receive(.quarantined(token, isKept: true))
            case .acknowledge(_, .bytes(let bytes)), .refuse(_, .bytes(let bytes)):
                if let answer = FHIRAnswer(reply: bytes) { outcome.answers.append(answer) }
            case .acknowledge, .refuse: break
            }
        }
        return outcome
    }

    static func take(_ text: String, channel: Channel = Channel()) -> Outcome {
        var room = room(channel)
        return take(Array(text.utf8), &room)
    }

    /// A Bundle of resources, each with the request that a transaction or batch needs.
    static func bundle(_ type: String, _ resources: [String], urls: [String] = []) -> String {
        let entries = resources.enumerated().map { index, resource in
            let type = resource.contains(#""resourceType":"Patient""#) ? "Patient" : "Observation"
            let url = index < urls.count ? #""fullUrl":"\#(urls[index])","# : ""
            return #"{\#(url)"resource":\#(resource),"request":{"method":"POST","url":"\#(type)"}}"#
        }
        return
            #"{"resourceType":"Bundle","type":"\#(type)","entry":[\#(entries.joined(separator: ","))]}"#
    }
}
