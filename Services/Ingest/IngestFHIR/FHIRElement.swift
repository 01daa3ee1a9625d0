import TwinJSON

/// One element of a resource and where it is, in FHIRPath; reading it says what is wrong with it.
struct FHIRElement: Sendable {
    let node: JSONNode
    let path: String

    init(_ node: JSONNode, at path: String) {
        self.node = node
        self.path = path
    }

    func problem(
        _ issue: FHIRProblem.Issue, _ detail: String, status: Int = 422
    ) -> FHIRProblem { FHIRProblem(status, issue, detail, at: path) }

    /// The element of that name as it is; nil if it is not there.
    func child(_ name: String) -> FHIRElement? {
        node[name].map { FHIRElement($0, at: "\(path).\(name)") }
    }

    func object(_ name: String) throws(FHIRProblem) -> FHIRElement? {
        guard let child = child(name) else { return nil }
        guard child.node.kind == .object else { throw child.problem(.structure, "an object") }
        return child
    }

    /// The objects of a list; none if it is not there.
    func objects(_ name: String) throws(FHIRProblem) -> [FHIRElement] {
        guard let child = child(name) else { return [] }
        guard child.node.kind == .array else { throw child.problem(.structure, "a list") }
        var objects: [FHIRElement] = []
        for (index, node) in child.node.elements.enumerated() {
            let element = FHIRElement(node, at: "\(child.path)[\(index)]")
            guard node.kind == .object else { throw element.problem(.structure, "an object") }
            objects.append(element)
        }
        guard !objects.isEmpty else { throw child.problem(.structure, "no empty list") }
        return objects
    }

    func string(_ name: String) throws(FHIRProblem) -> String? {
        guard let child = child(name) else { return nil }
        return try child.string()
    }

    func required(_ name: String) throws(FHIRProblem) -> String {
        guard let string = try string(name) else {
            throw FHIRProblem(422, .required, "is missing", at: "\(path).\(name)")
        }
        return string
    }

    /// One of the words; nil where there is none.
    func word(
        _ name: String, of words: Set<String>
    ) throws(FHIRProblem) -> String? {
        guard let word = try string(name) else { return nil }
        guard words.contains(word) else {
            throw FHIRProblem(
                422, .codeInvalid, "one of \(words.sorted().joined(separator: ", ")) is needed",
                at: "\(path).\(name)")
        }
        return word
    }

    /// It as a text, which has no control characters and is not empty.
    func string() throws(FHIRProblem) -> String {
        guard let string = node.string else { throw problem(.value, "a string is needed") }
        guard !string.isEmpty else { throw problem(.value, "no empty string") }
        guard
            string.unicodeScalars.allSatisfy({
                $0.value >= 0x20 || [0x09, 0x0A, 0x0D].contains($0.value)
            })
        else { throw problem(.value, "no control characters") }
        return string
    }

    func bool(_ name: String) throws(FHIRProblem) -> Bool? {
        guard let child = child(name) else { return nil }
        guard let bool = child.node.bool else { throw child.problem(.value, "true or false") }
        return bool
    }

    /// It as a number, which must be one that a computer can hold.
    func number() throws(FHIRProblem) -> Double {
        guard node.kind == .number else { throw problem(.value, "a number is needed") }
        guard let number = node.number else {
            throw problem(.value, "a finite number", status: 400)
        }
        return number
    }
}
