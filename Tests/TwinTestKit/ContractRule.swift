/// What a contract found broken.
public struct ContractViolation: Error, Hashable, Sendable, CustomStringConvertible {
    public var description: String

    public init(_ description: String) { self.description = description }
}

/// Throws unless it holds.
public func require(_ holds: Bool, _ what: @autoclosure () -> String) throws(ContractViolation) {
    guard holds else { throw ContractViolation(what()) }
}

/// One promise, checked at a place where what has promised it can be had.
public struct ContractRule<Place>: Sendable, CustomStringConvertible {
    /// What holds, as a sentence.
    public let description: String
    /// Throws unless it holds.
    public let check: @Sendable (Place) async throws -> Void

    init(_ description: String, _ check: @escaping @Sendable (Place) async throws -> Void) {
        self.description = description
        self.check = check
    }
}
