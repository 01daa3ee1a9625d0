public import TwinCore

/// Whose a device or a place is for a while, as an operator has said.
public struct Binding: Hashable, Sendable {
    /// What a message that names no patient may name instead.
    public enum Thing: Hashable, Sendable {
        /// As it names itself: OBX-18, or a part of MSH-3.
        case device(String)
        /// PV1-3, as `WARD/ROOM/BED/FACILITY`.
        case place(String)
    }

    public var thing: Thing
    public var twin: TwinID
    public var from: Instant
    /// From then on it is not bound any more; nil while nobody knows when that will be.
    public var until: Instant?
    /// Who said so.
    public var operatorName: String

    public init(
        _ thing: Thing, to twin: TwinID, from: Instant, until: Instant? = nil,
        operatorName: String
    ) {
        self.thing = thing
        self.twin = twin
        self.from = from
        self.until = until
        self.operatorName = operatorName
    }

    func holds(at time: Instant) -> Bool {
        from <= time && (until.map { time < $0 } ?? true)
    }

    func overlaps(_ other: Binding) -> Bool {
        (until.map { other.from < $0 } ?? true) && (other.until.map { from < $0 } ?? true)
    }
}

/// Every binding of a site: a file with a line for each.
///
/// A line has the kind of thing, its name, the twin, since when, until when (or `-`) and who said
/// so, parted by tabs.
public struct BindingList: Hashable, Sendable {
    public static let byteCountMax = 4 << 20
    /// As in ``TwinID``: a name is one line, and no more than can be read.
    public static let nameByteCountMax = 256

    public private(set) var bindings: [Binding] = []
    private var places: [Binding.Thing: [Int]] = [:]

    public init() {}

    /// Reads the file; refused whole where a line can't be read.
    public init(_ bytes: [UInt8]) throws(Refusal) {
        guard bytes.count <= BindingList.byteCountMax else {
            throw Refusal(.tooLarge, "more than \(BindingList.byteCountMax) bytes of bindings")
        }
        for (number, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: true)
            .enumerated()
        {
            let text = String(decoding: line, as: UTF8.self)
            guard let binding = BindingList.binding(text) else {
                throw Refusal(.malformed, "line \(number + 1) is no binding")
            }
            add(binding)
        }
    }

    private static func binding(_ line: String) -> Binding? {
        let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 6, isName(parts[1]), isName(parts[5]), let twin = TwinID(parts[2]),
            let from = Instant(rfc3339: parts[3])
        else { return nil }
        let until = Instant(rfc3339: parts[4])
        guard until != nil || parts[4] == "-" else { return nil }
        let thing: Binding.Thing
        switch parts[0] {
        case "device": thing = .device(parts[1])
        case "place": thing = .place(parts[1])
        default: return nil
        }
        return Binding(thing, to: twin, from: from, until: until, operatorName: parts[5])
    }

    /// Whether the text can be a thing's or an operator's name.
    public static func isName(_ text: String) -> Bool {
        (1...nameByteCountMax).contains(text.utf8.count)
            && text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
    }

    /// The file.
    public var text: String {
        bindings.map { one in
            let (kind, name) =
                switch one.thing {
                case .device(let name): ("device", name)
                case .place(let name): ("place", name)
                }
            return [
                kind, name, one.twin.text, one.from.description, one.until?.description ?? "-",
                one.operatorName,
            ].joined(separator: "\t") + "\n"
        }.joined()
    }

    private mutating func add(_ binding: Binding) {
        places[binding.thing, default: []].append(bindings.count)
        bindings.append(binding)
    }

    /// Binds a thing; refused where it is bound to another patient for a part of that time.
    public mutating func bind(_ binding: Binding) throws(Refusal) {
        guard binding.until.map({ binding.from < $0 }) ?? true else {
            throw Refusal(.malformed, "a binding ends after it begins")
        }
        for place in places[binding.thing] ?? [] where bindings[place].overlaps(binding) {
            let other = bindings[place]
            throw Refusal(
                .conflict,
                "it is bound to \(other.twin) from \(other.from): unbind it first")
        }
        add(binding)
    }

    /// Ends the binding that a thing has at that time.
    public mutating func unbind(_ thing: Binding.Thing, at time: Instant) throws(Refusal) {
        guard let place = places[thing]?.first(where: { bindings[$0].holds(at: time) }) else {
            throw Refusal(.notFound, "it is bound to nobody at \(time)")
        }
        bindings[place].until = time
        if bindings[place].from == time {
            // It never held.
            bindings.remove(at: place)
            places = [:]
            for (index, one) in bindings.enumerated() {
                places[one.thing, default: []].append(index)
            }
        }
    }

    /// The binding that says whose everything is that was measured at these times; nil where none
    /// does, for all of them.
    ///
    /// Two that say different things are never resolved by guessing.
    func one(for things: [Binding.Thing], at times: [Instant]) throws(Refusal) -> Binding? {
        let bound = things.compactMap { places[$0] }
        guard !bound.isEmpty else { return nil }
        var found: Binding?
        for time in times {
            var isBound = false
            for places in bound {
                for place in places where bindings[place].holds(at: time) {
                    isBound = true
                    if let found, found.twin != bindings[place].twin {
                        throw Refusal(
                            .ambiguousPatient, "its device and place are bound to two patients")
                    }
                    found = found ?? bindings[place]
                }
            }
            if !isBound { return nil }
        }
        return found
    }
}
