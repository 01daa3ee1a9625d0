public import TwinCore
public import TwinLink

/// How the first frame of every message is written and read.
public struct HeaderCoding: Sendable {
    public let encodeHeader: @Sendable (LinkHeader) -> [UInt8]
    public let decodeHeader: @Sendable ([UInt8]) -> Result<LinkHeader, Refusal>

    public init(
        encodeHeader: @escaping @Sendable (LinkHeader) -> [UInt8],
        decodeHeader: @escaping @Sendable ([UInt8]) -> Result<LinkHeader, Refusal>
    ) {
        self.encodeHeader = encodeHeader
        self.decodeHeader = decodeHeader
    }
}

/// How the two ends of a link prove who they are and keep others from reading.
public struct Curve: Hashable, Sendable {
    public var own: CurveKeys
    /// The listener's public key; only who connects needs it.
    public var serverKey: String?
    /// The public keys that a listener lets in; with nil **every** key is let in: the link is then
    /// private, but anybody may open one.
    public var admitted: Set<String>?

    public init(own: CurveKeys, serverKey: String? = nil, admitted: Set<String>? = nil) {
        self.own = own
        self.serverKey = serverKey
        self.admitted = admitted
    }
}

/// Where a link goes, and what it says and takes there.
public struct Endpoint: Hashable, Sendable {
    /// `tcp://127.0.0.1:5580`; a listener's port 0 or `*` is chosen by the system.
    public var address: String
    /// Nil: nothing is proved and nothing encrypted; for one machine only.
    public var curve: Curve?
    public var limits: LinkLimits
    public var hello: Hello

    public init(
        address: String, curve: Curve? = nil, limits: LinkLimits = LinkLimits(), hello: Hello
    ) {
        self.address = address
        self.curve = curve
        self.limits = limits
        self.hello = hello
    }

    /// Throws unless this can be the address of an endpoint.
    ///
    /// Other transports carry no CURVE, and names of interfaces surprise.
    public static func check(_ address: String) throws(LinkError) {
        guard address.hasPrefix("tcp://") else {
            throw .badAddress(address, reason: "only tcp is spoken")
        }
        // libzmq cuts a larger number down to some other port.
        let port = address.split(separator: ":").last ?? ""
        guard port == "*" || UInt16(port) != nil else {
            throw .badAddress(address, reason: "no port from 0 to 65535")
        }
    }
}

/// A place where a hub listens.
public struct Listener: Hashable, Sendable {
    public let id: ListenerID
    /// With the port that was chosen.
    public let address: String
}

/// Why a link could not be opened, and what to do about it.
public enum LinkError: Error, Hashable, Sendable, CustomStringConvertible {
    case addressInUse(String)
    case badAddress(String, reason: String)
    case badKey(String)
    case outOfResources(String)
    /// The installed libzmq can't do what the links rest on.
    case unsupported(String)
    case stopped

    public var description: String {
        switch self {
        case .addressInUse(let address):
            "address in use: \(address); stop the other process that listens there "
                + "(ss -ltnp shows it) or configure another port"
        case .badAddress(let address, let reason):
            "can't use the address \(address): \(reason); write it as tcp://HOST:PORT, and for a "
                + "listener with an address that this host has"
        case .badKey(let what):
            "\(what); keys are 40 characters of Z85, make them with twinctl keys"
        case .outOfResources(let what):
            "\(what); raise the limit of open files (ulimit -n) or open fewer links"
        case .unsupported(let what):
            "this libzmq refuses \(what); install version 4.3.4 or a later 4.3 with CURVE"
        case .stopped: "the links of this process were shut down"
        }
    }
}
