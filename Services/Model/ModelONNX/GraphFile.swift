/// An ONNX file as read: nothing in it has been understood yet, but everything is bounded.
struct GraphFile {
    struct Node {
        var name = ""
        var operation = ""
        var domain = ""
        var inputs: [String] = []
        var outputs: [String] = []
        var attributes: [String: Attribute] = [:]

        /// For messages: its name, or what it makes.
        var title: String { name.isEmpty ? "\(operation) -> \(outputs.first ?? "")" : name }
        /// For messages that do not name the operator otherwise.
        var label: String {
            name.isEmpty || operation.isEmpty ? title : "\(name) (\(operation))"
        }
    }

    enum Attribute {
        case float(Float)
        case int(Int64)
        case text(String)
        case tensor(Value)
        case floats([Float])
        case ints([Int64])
        case texts([String])
    }

    /// An input or output of the graph; nil dimensions are free.
    struct Input {
        var name = ""
        var elementType: Int64 = 0
        var shape: [Int64?] = []
    }

    /// Versions of operator sets by domain.
    var operatorSets: [String: Int64] = [:]
    var metadata: [(key: String, value: String)] = []
    var nodes: [Node] = []
    var initializers: [(name: String, value: Value)] = []
    var inputs: [Input] = []
    var outputs: [Input] = []
    var hasGraph = false
}
