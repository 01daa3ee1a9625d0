/// Where the services of one machine listen.
struct Addresses: Encodable {
    struct Store: Encodable {
        let ingest: String
        let workers: String
        let clients: String
    }

    let native: String
    let mllp: String
    let fhir: String
    let store: Store

    /// The agreed ports; or six in a row from `first`.
    init(portsFrom first: Int?) {
        func port(_ index: Int, _ agreed: Int) -> Int { first.map { $0 + index } ?? agreed }
        native = "tcp://127.0.0.1:\(port(0, 5570))"
        mllp = "127.0.0.1:\(port(1, 2575))"
        fhir = "127.0.0.1:\(port(5, 8080))"
        store = Store(
            ingest: "tcp://127.0.0.1:\(port(2, 5580))", workers: "tcp://127.0.0.1:\(port(3, 5581))",
            clients: "tcp://127.0.0.1:\(port(4, 5582))")
    }
}
