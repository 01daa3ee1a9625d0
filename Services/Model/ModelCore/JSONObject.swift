import TwinJSON

/// An object that is read field by field; what nobody asked for is refused at the end.
struct JSONObject {
    private let path: String
    private var fields: [JSON.Member]

    init(_ value: JSON, at path: String) throws(ManifestError) {
        guard case .object(let members) = value else { throw .invalid(path, "an object") }
        self.path = path
        self.fields = members
    }

    private func place(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    /// The field's value, once; nil if it is not there.
    mutating func optional(_ name: String) -> JSON? {
        fields.firstIndex { $0.name == name }.map { fields.remove(at: $0).value }
    }

    mutating func required(_ name: String) throws(ManifestError) -> JSON {
        guard let value = optional(name) else { throw .missing(place(name)) }
        return value
    }

    mutating func string(_ name: String) throws(ManifestError) -> String {
        try required(name).string(at: place(name))
    }

    mutating func number(_ name: String) throws(ManifestError) -> Double {
        try required(name).number(at: place(name))
    }

    mutating func array(_ name: String) throws(ManifestError) -> [JSON] {
        try required(name).array(at: place(name))
    }

    mutating func object(_ name: String) throws(ManifestError) -> JSONObject {
        try JSONObject(required(name), at: place(name))
    }

    /// Every field that is left, as ordered in the text.
    mutating func rest() -> [JSON.Member] {
        defer { fields = [] }
        return fields
    }

    /// Throws if a field was not read.
    func finish() throws(ManifestError) {
        if let field = fields.first { throw .unknownKey(place(field.name)) }
    }
}

extension JSON {
    func string(at path: String) throws(ManifestError) -> String {
        guard case .string(let value) = self else { throw .invalid(path, "a string") }
        return value
    }

    func number(at path: String) throws(ManifestError) -> Double {
        guard case .number(let value) = self else { throw .invalid(path, "a number") }
        return value
    }

    func truth(at path: String) throws(ManifestError) -> Bool {
        guard case .bool(let value) = self else { throw .invalid(path, "true or false") }
        return value
    }

    func array(at path: String) throws(ManifestError) -> [JSON] {
        guard case .array(let values) = self else { throw .invalid(path, "an array") }
        return values
    }

    /// Two numbers.
    func pair(at path: String) throws(ManifestError) -> (Double, Double) {
        let values = try array(at: path)
        guard values.count == 2 else { throw .invalid(path, "two numbers") }
        return (try values[0].number(at: path), try values[1].number(at: path))
    }
}
