import Foundation
import Testing
import TwinCore

/// The shapes of JSON that scripts read, as the design promises them.
enum Shape {
    static func object(_ text: String) throws -> [String: Any] {
        let value = try JSONSerialization.jsonObject(with: Data(text.utf8))
        guard let object = value as? [String: Any] else {
            throw SystemFailure("no JSON object: \(text.prefix(200))")
        }
        return object
    }

    private static func isTime(_ value: Any?) -> Bool {
        (value as? String).flatMap { Instant(rfc3339: $0) } != nil
    }

    /// `SYSTEM|code`, as in FHIR's token form.
    private static func isCode(_ text: String) -> Bool {
        let parts = text.split(separator: "|", omittingEmptySubsequences: false)
        return parts.count == 2 && !parts[1].isEmpty
    }

    /// More keys may come; these stay.
    static func checkTwin(_ twin: [String: Any], id: String) throws {
        #expect(
            Set(twin.keys).isSuperset(of: [
                "id", "identifiers", "revision", "latest", "features", "quality", "assessments",
                "scores", "links",
            ]))
        #expect(twin["id"] as? String == id)
        #expect((twin["identifiers"] as? [String])?.isEmpty == false)
        #expect(twin["revision"] is Int)
        #expect(twin["quality"] is [String: Any])
        let latest = try #require(twin["latest"] as? [String: [String: Any]])
        #expect(latest["http://loinc.org|8867-4"] != nil)
        for (code, value) in latest {
            #expect(isCode(code), "\(code)")
            #expect(
                Set(value.keys).isSuperset(of: [
                    "value", "unit", "eventTime", "receiveTime", "source", "flags", "usable",
                ]))
            #expect(value["ageSeconds"] is Double && value["stale"] is Bool)
            #expect(isTime(value["eventTime"]) && isTime(value["receiveTime"]))
            #expect(value["flags"] is [String] && value["usable"] is Bool)
        }
        let features = try #require(twin["features"] as? [String: [String: Any]])
        #expect(features.count > 50)
        for (name, feature) in features {
            // A feature without a value has no number: missing is not zero.
            #expect(Set(feature.keys).union(["value"]) == ["value", "unit", "flags"], "\(name)")
            #expect(feature["value"] == nil || feature["value"] is Double, "\(name)")
        }
        let assessments = try #require(twin["assessments"] as? [[String: Any]])
        #expect(assessments.count == 1)
        for assessment in assessments { try checkAssessment(assessment) }
    }

    private static func checkAssessment(_ assessment: [String: Any]) throws {
        let keys = Set(assessment.keys)
        #expect(keys.isSuperset(of: ["outcome", "artifact", "revision", "reasons"]))
        #expect(assessment["outcome"] as? String == "deterioration")
        #expect((assessment["artifact"] as? String)?.count == 64)
        if let probability = assessment["probability"] as? Double {
            #expect((0...1).contains(probability))
            #expect(assessment["set"] is [String] && !keys.contains("indeterminate"))
        } else {
            #expect(assessment["indeterminate"] is String && !keys.contains("set"))
        }
        #expect(assessment["recommendations"] is [Any])
        let reasons = try #require(assessment["reasons"] as? [[String: Any]])
        for reason in reasons {
            #expect(reason["feature"] is String && reason["contribution"] is Double)
        }
    }

    static func checkHistoryLine(_ line: String) throws {
        let object = try object(line)
        let promised: Set = [
            "code", "value", "comparator", "unit", "eventTime", "commitRevision", "source",
            "flags", "usable",
        ]
        // A line may tell more.
        #expect(promised.isSubset(of: Set(object.keys)), "\(line)")
        #expect(isCode(object["code"] as? String ?? ""), "\(line)")
        #expect(["=", "<", "<=", ">=", ">"].contains(object["comparator"] as? String ?? ""))
        #expect(isTime(object["eventTime"]) && object["commitRevision"] is Int)
        #expect(object["flags"] is [String] && object["usable"] is Bool)
    }
}
