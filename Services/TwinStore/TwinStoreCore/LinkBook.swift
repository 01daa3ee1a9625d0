public import TwinCore

/// That something of a source was received at a moment.
public struct Hearing: Hashable, Sendable {
    public var source: Source
    public var receiveTime: Instant

    public init(source: Source, receiveTime: Instant) {
        self.source = source
        self.receiveTime = receiveTime
    }

    /// A value that is older than this when it comes was not sent as it was measured.
    static let lagSecondsMax = 300.0
    /// A time without zone may be so much off.
    static let zoneSecondsMax = 14 * 3_600.0

    /// What of these observations came as it was measured, each moment of a source once; nothing
    /// from before the patient was discharged or went on under another name, and whether so.
    public static func live(
        _ observations: some Sequence<Observation>
    ) -> (hearings: [Hearing], isNewStay: Bool) {
        var hearings: [Hearing] = []
        var isNewStay = false
        for observation in observations {
            if observation.endsStay {
                (hearings, isNewStay) = ([], true)
                continue
            }
            if let last = hearings.last, last.receiveTime == observation.receiveTime,
                last.source == observation.source
            {
                continue
            }
            let lag = observation.receiveTime.seconds(since: observation.eventTime).magnitude
            let zone = observation.flags.contains(.zoneUnknown) ? zoneSecondsMax : 0
            guard lag <= lagSecondsMax + zone else { continue }
            hearings.append(
                Hearing(source: observation.source, receiveTime: observation.receiveTime))
        }
        return (hearings, isNewStay)
    }
}

extension Observation {
    /// Whether it says that nobody is to be heard of under this name any more.
    var endsStay: Bool {
        guard code.system == Code.twinlineSystem, case .text(let words) = value,
            flags.isDisjoint(with: .unusable), let statement = Statement(code)
        else { return false }
        switch statement {
        case .encounterStatus: return words == "discharged"
        case .survivor: return words != twin.text
        case .location: return false
        }
    }
}

/// What was heard of one source of one twin lately: a function of the set of what was received.
struct HeardLink: Sendable {
    /// In how many different minutes a source must have been heard to count as regular.
    static let minuteCount = 6
    /// A source that is heard less often is not regular: somebody measures now and then.
    static let gapSecondsMax = 900.0
    static let silentAfterSecondsMin = 120.0

    let source: Source
    /// The newest moment of each of the newest minutes, ascending.
    private(set) var moments: [Instant] = []
    /// Whether the operator was told that it is silent.
    var isTold = false

    init(_ source: Source) { self.source = source }

    mutating func hear(at time: Instant) {
        let minute = HeardLink.minute(time)
        let place = moments.lastIndex { HeardLink.minute($0) <= minute }
        if let place, HeardLink.minute(moments[place]) == minute {
            moments[place] = max(moments[place], time)
        } else {
            moments.insert(time, at: place.map { $0 + 1 } ?? 0)
            if moments.count > HeardLink.minuteCount { moments.removeFirst() }
        }
    }

    private static func minute(_ time: Instant) -> Int64 {
        let (minute, rest) = time.microsecondsSinceEpoch.quotientAndRemainder(
            dividingBy: 60_000_000)
        return rest < 0 ? minute - 1 : minute
    }

    /// The link as it is at that moment; nil unless it is regular.
    func link(at now: Instant) -> DeviceLink? {
        guard moments.count == HeardLink.minuteCount, let last = moments.last else { return nil }
        let gaps = zip(moments.dropFirst(), moments).map { $0.seconds(since: $1) }
        guard let gap = gaps.max(), gap <= HeardLink.gapSecondsMax else { return nil }
        let limit = max(HeardLink.silentAfterSecondsMin, 2 * gap)
        return DeviceLink(
            source: source, lastReceived: last, gapSeconds: gap, silentAfterSeconds: limit,
            isSilent: now.seconds(since: last) > limit)
    }
}

/// The sources of every twin that is being measured now.
///
/// Nothing of it is stored: after a restart the same is made of the stored observations. Whether a
/// link is silent is never kept either, but asked of the time.
struct LinkBook: Sendable {
    /// After a day nobody waits for a source any more.
    static let forgottenAfterSeconds: Int64 = 86_400
    static let sourceCountMax = 16
    private static let lookEveryMs: UInt64 = 5_000

    private var links: [TwinIndex: [HeardLink]] = [:]
    private var lookedAtMs: UInt64 = 0

    mutating func hear(_ hearings: [Hearing], of twin: TwinIndex) {
        guard !hearings.isEmpty else { return }
        // Taken out, so that it is changed in place.
        var known = links.removeValue(forKey: twin) ?? []
        for hearing in hearings {
            let place = known.firstIndex { $0.source == hearing.source }
            if place == nil { known.append(HeardLink(hearing.source)) }
            known[place ?? known.count - 1].hear(at: hearing.receiveTime)
            if known.count > LinkBook.sourceCountMax,
                let oldest = known.indices.min(by: { known[$0].last < known[$1].last })
            {
                known.remove(at: oldest)
            }
        }
        links[twin] = known
    }

    mutating func forget(_ twin: TwinIndex) { links[twin] = nil }

    /// The regular links of a twin, by name.
    func links(of twin: TwinIndex, at now: Instant) -> [DeviceLink] {
        (links[twin] ?? []).compactMap { $0.link(at: now) }
            .filter {
                now.seconds(since: $0.lastReceived) <= Double(LinkBook.forgottenAfterSeconds)
            }
            .sorted { $0.source < $1.source }
    }

    /// Every regular link: how many there are, and those that are silent, longest first.
    func silent(at now: Instant) -> (count: Int, silent: [(twin: TwinIndex, link: DeviceLink)]) {
        var count = 0
        var silent: [(twin: TwinIndex, link: DeviceLink)] = []
        for twin in links.keys {
            for link in links(of: twin, at: now) {
                count += 1
                if link.isSilent { silent.append((twin, link)) }
            }
        }
        silent.sort {
            ($0.link.lastReceived, $0.twin, $0.link.source)
                < ($1.link.lastReceived, $1.twin, $1.link.source)
        }
        return (count, silent)
    }

    /// The links that fell silent since the last look; lets go of those that nobody waits for.
    mutating func look(at now: Instant, uptimeMs: UInt64) -> [DeviceLink] {
        guard uptimeMs >= lookedAtMs &+ LinkBook.lookEveryMs else { return [] }
        lookedAtMs = uptimeMs
        var fallen: [DeviceLink] = []
        let horizon = now.adding(seconds: -LinkBook.forgottenAfterSeconds)
        for twin in links.keys.sorted() {
            var known = (links[twin] ?? []).filter { $0.last >= horizon }
            for place in known.indices {
                let link = known[place].link(at: now)
                let isSilent = link?.isSilent ?? false
                if let link, isSilent, !known[place].isTold { fallen.append(link) }
                known[place].isTold = isSilent
            }
            links[twin] = known.isEmpty ? nil : known
        }
        return fallen
    }
}

extension HeardLink {
    fileprivate var last: Instant { moments.last ?? Instant(microsecondsSinceEpoch: .min) }
}

// Whom the store hears.
extension TwinRoom {
    /// The devices that send regularly, or did, by name.
    public func links(of twin: TwinID) -> [DeviceLink] {
        indices[twin].map { linkBook.links(of: $0, at: now) } ?? []
    }

    /// Twins that may have been measured within the last day, and their revisions: of what they
    /// have stored the links are made again after a restart.
    public func recallable(at now: Instant) -> [(twin: TwinID, revision: Revision)] {
        let horizon = now.adding(seconds: -LinkBook.forgottenAfterSeconds)
        return entries.filter { $0.lastEventTime.map { $0 >= horizon } ?? false }
            .map { ($0.id, $0.revision) }
    }

    mutating func hear(_ observations: [Observation], of index: TwinIndex) {
        let (hearings, isNewStay) = Hearing.live(observations)
        if isNewStay { linkBook.forget(index) }
        linkBook.hear(hearings, of: index)
    }

    mutating func hear(_ hearings: [Hearing], of twin: TwinID) {
        guard let index = indices[twin] else { return }
        linkBook.hear(hearings, of: index)
    }

    mutating func lookAfterLinks() {
        for link in linkBook.look(at: now, uptimeMs: uptimeMs) {
            out.append(
                .alarm(
                    "technical alarm: a device link is silent: \(link.source) was last heard at "
                        + "\(link.lastReceived)"))
        }
    }
}
