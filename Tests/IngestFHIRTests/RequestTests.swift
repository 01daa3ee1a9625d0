import IngestFHIR
import Testing

/// What an HTTP request must be before anybody reads its body.
struct RequestTests {
    private static func status(
        _ method: String, _ uri: String, type: String? = "application/fhir+json",
        encoding: String? = nil, ifNoneExist: String? = nil
    ) -> Int {
        do throws(FHIRProblem) {
            _ = try FHIRRoute.decide(
                method: method, uri: uri, contentType: type, contentEncoding: encoding,
                ifNoneExist: ifNoneExist)
            return 200
        } catch { return error.status }
    }

    @Test(arguments: [
        ("POST", "/fhir", 200), ("POST", "/fhir/", 200), ("POST", "/fhir/Observation", 200),
        ("POST", "/fhir/Bundle?_format=json", 200), ("PUT", "/fhir/Observation/o-1.2", 200),
        ("POST", "/fhir/$process-message", 200), ("GET", "/fhir/metadata", 200),
        ("GET", "/fhir/Observation/1", 405), ("DELETE", "/fhir/Observation/1", 405),
        ("PATCH", "/fhir/Observation/1", 405), ("POST", "/fhir/Observation/1", 405),
        ("PUT", "/fhir/Observation", 405), ("POST", "/", 404), ("POST", "/fhirx", 404),
        ("POST", "/fhir/Claim", 404), ("POST", "/fhir/observation", 404),
        ("POST", "/fhir/Observation/_search", 404), ("POST", "/fhir/Patient/1/$merge", 404),
        ("PUT", "/fhir/Observation/a_b", 400), ("PUT", "/fhir/Observation?identifier=1", 412),
    ])
    func `only what is taken here has a place`(method: String, uri: String, status: Int) {
        #expect(Self.status(method, uri) == status, "\(method) \(uri)")
    }

    @Test(
        arguments: [
            ("application/json", 200), ("Application/FHIR+JSON; charset=\"UTF-8\"", 200),
            ("application/fhir+json;fhirVersion=4.0", 200), (nil, 415), ("", 415),
            ("text/plain", 415),
            ("application/fhir+xml", 415), ("application/json; charset=utf-16", 415),
            ("application/x-www-form-urlencoded", 415),
        ] as [(String?, Int)])
    func `only JSON in UTF-8 is taken`(type: String?, status: Int) {
        #expect(Self.status("POST", "/fhir", type: type) == status)
    }

    @Test func `nothing is unpacked, and nothing is searched`() {
        #expect(Self.status("POST", "/fhir", encoding: "gzip") == 415)
        #expect(Self.status("POST", "/fhir", encoding: "identity") == 200)
        #expect(Self.status("POST", "/fhir", ifNoneExist: "identifier=a") == 412)
    }

    @Test func `a request is its line and its body`() {
        let request = FHIRRequest(.put, "Observation/1", body: Array("{\n}".utf8))
        #expect(FHIRRequest(request.bytes) == request)
        #expect(FHIRRequest(Array("{\n}".utf8)) == FHIRRequest(.post, "", body: Array("{\n}".utf8)))
        #expect(FHIRRequest([]) == FHIRRequest(.post, "", body: []))
    }
}
