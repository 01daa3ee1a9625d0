import IngestHL7
import IngestOutbox
import TwinCore
import TwinLink

/// A story does not go on: the line can't be understood.
struct StoryError: Error, CustomStringConvertible {
    var description: String
}

/// The house as a story sees it: it does what a line says, and answers what the house says.
struct StoryStage {
    private static let monitorNames = ["A", "B"]
    private static let settleMs = 4000

    private var world: World
    private var sentCount = 0
    private var toldCounts = [Int](repeating: 0, count: StoryStage.monitorNames.count)
    private var lastTold = [String](repeating: "", count: StoryStage.monitorNames.count)
    private var alarmCount = 0

    init() {
        var plan = HousePlan()
        (plan.ingestCount, plan.featureWorkerCount, plan.modelWorkerCount) = (1, 1, 1)
        (plan.pendingByteCountMax, plan.outboxByteCountMax) = (1 << 20, 1 << 20)
        (plan.tickMs, plan.modelTickCount) = (100, 1)
        let monitors = StoryStage.monitorNames.map { _ in MonitorProcess(ingest: 0, []) }
        world = World(seed: 1, plan: plan, monitors: monitors, natives: [])
        for name in Artifacts.outcomes.keys.sorted() { world.operators.order(.push(name)) }
        world.operators.order(.activate("calm"))
        world.advance(ms: StoryStage.settleMs)
        // The story begins on the full minute.
        world.advance(ms: 60_000 - StoryStage.settleMs)
    }

    /// Does one line; answers what the house says because of it.
    mutating func perform(_ line: String) throws(StoryError) -> [String] {
        var words = line.split(separator: " ").map(String.init)[...]
        if words.first == "then" { words.removeFirst() }
        if words.first == "at", words.count > 2 {
            try wait(until: try StoryStage.time(words[words.startIndex + 1]))
            words.removeFirst(2)
        }
        let told = news()
        let said = try perform(words, of: line)
        return told + said
    }

    private mutating func perform(
        _ words: ArraySlice<String>, of line: String
    ) throws(StoryError) -> [String] {
        switch words.first {
        case "monitor": return try monitor(words.dropFirst(), line)
        case "the": return try house(words.dropFirst().joined(separator: " "))
        case "operator": return try operate(words.dropFirst())
        case "twin": return try show(words.dropFirst())
        case "releases": return ask(.releases(outcome: nil))
        case "score": return try score(words.dropFirst())
        case "twins": return ask(.twins(after: nil, limit: 100))
        case "quarantine": return quarantine()
        default: throw StoryError(description: "'\(line)' is no line of a story")
        }
    }

    private mutating func wait(until time: Instant) throws(StoryError) {
        guard time >= world.now.later(ms: -59_000) else {
            throw StoryError(description: "a story does not go back to \(time)")
        }
        let ms = Int(time.seconds(since: world.now) * 1000)
        if ms > 0 { world.advance(ms: ms) }
    }

    /// `hh:mm` of the story's day.
    private static func time(_ text: String) throws(StoryError) -> Instant {
        guard let instant = Instant(rfc3339: "2026-01-12T\(text):00Z") else {
            throw StoryError(description: "'\(text)' is no time: write hh:mm")
        }
        return instant
    }

    /// Lets the house do what it can, and says what it has told since the last time.
    private mutating func settled() -> [String] {
        world.advance(ms: StoryStage.settleMs)
        return news()
    }

    private mutating func news() -> [String] {
        var news: [String] = []
        for (number, name) in StoryStage.monitorNames.enumerated() {
            for answer in world.monitors[number].answers.dropFirst(toldCounts[number])
            where answer != lastTold[number] {
                news.append("monitor \(name) is told \(answer)")
                lastTold[number] = answer
            }
            toldCounts[number] = world.monitors[number].answers.count
        }
        for alarm in world.store.alarms.dropFirst(alarmCount) { news.append("alarm: \(alarm)") }
        alarmCount = world.store.alarms.count
        return news
    }
}

// What monitors send.
extension StoryStage {
    private mutating func monitor(
        _ words: ArraySlice<String>, _ line: String
    ) throws(StoryError) -> [String] {
        guard let name = words.first, let number = StoryStage.monitorNames.firstIndex(of: name)
        else { throw StoryError(description: "monitors are A and B") }
        let said = words.dropFirst()
        lastTold[number] = ""
        if said.starts(with: ["sends", "each", "minute", "until"]), said.count > 5 {
            let end = try StoryStage.time(said[said.startIndex + 4])
            return try sendEachMinute(
                until: end, by: number, ArraySlice(["sends"] + said.dropFirst(5)), line)
        } else if said.elementsEqual(["sends", "the", "same", "again"]) {
            world.monitors[number].sendAgain(at: world.now)
        } else if said.elementsEqual(["sends", "nonsense"]) {
            send(Array("HELLO\r".utf8), by: number)
        } else {
            send(try message(said, line, of: name), by: number)
        }
        let told = settled()
        return told.isEmpty ? ["monitor \(name) has no answer"] : told
    }

    private mutating func sendEachMinute(
        until end: Instant, by number: Int, _ words: ArraySlice<String>, _ line: String
    ) throws(StoryError) -> [String] {
        var told: [String] = []
        while world.now <= end {
            let next = world.now.later(ms: 60_000)
            send(try message(words, line, of: StoryStage.monitorNames[number]), by: number)
            told += settled()
            if next > end { break }
            try wait(until: next)
        }
        return told + news()
    }

    private mutating func send(_ bytes: [UInt8], by number: Int) {
        let message = DeviceMessage(bytes: bytes, observations: [], dueMs: 0)
        world.monitors[number].add(message, at: world.now)
    }

    /// `sends for PATIENT: name value unit, … [measured at hh:mm]`, `sends for PATIENT: name value
    /// value … unit, … each minute from hh:mm`, or `sends without patient: …`.
    private mutating func message(
        _ words: ArraySlice<String>, _ line: String, of name: String
    ) throws(StoryError) -> [UInt8] {
        let halves = line.split(separator: ": ", maxSplits: 1)
        guard halves.count == 2, words.first == "sends" else {
            throw StoryError(description: "'\(line)' does not say what is sent")
        }
        let courses = halves[1].split(separator: " each minute from ")
        let clauses = courses[0].split(separator: " measured at ")
        let start = courses.count == 2 ? courses[1] : clauses.count == 2 ? clauses[1] : nil
        let time =
            try start.map { start throws(StoryError) in
                try StoryStage.time(String(start))
            } ?? world.now
        let patient = words.dropFirst(2).first.map { $0.filter { $0 != ":" } } ?? ""
        let parts = patient.split(separator: "|")
        let isNamed = words.dropFirst().first == "for" && parts.count == 2
        sentCount += 1
        return HL7Writer(application: name, facility: "").message(
            patient: isNamed ? String(parts[1]) : "", authority: isNamed ? String(parts[0]) : "",
            controlID: "\(sentCount)", time: world.now,
            rows: try StoryStage.rows(clauses[0], at: time, isCourse: courses.count == 2))
    }

    /// One row a value; of a course `name value value … unit` one each minute.
    private static func rows(
        _ text: Substring, at time: Instant, isCourse: Bool
    ) throws(StoryError) -> [HL7Writer.Row] {
        var rows: [HL7Writer.Row] = []
        for part in text.split(separator: ", ") {
            let words = part.split(separator: " ")
            guard isCourse, let name = words.first, let unit = words.last else {
                rows.append(try row(String(part), at: time))
                continue
            }
            for (minute, value) in words.dropFirst().dropLast().enumerated() {
                let then = time.later(ms: minute * 60_000)
                rows.append(try row("\(name) \(value) \(unit)", at: then))
            }
        }
        return rows
    }

    /// `name value unit`; `-` is no value, and what no concept is called is a local code.
    private static func row(_ text: String, at time: Instant) throws(StoryError) -> HL7Writer.Row {
        let words = text.split(separator: " ").map(String.init)
        guard let name = words.first, words.count >= 2 else {
            throw StoryError(description: "'\(text)' is no value: write name value unit")
        }
        let code =
            Concept.named(name)?.code ?? Code(system: "99WARD", value: name)
        let value: ObservedValue =
            words[1] == "-"
            ? .absent : Double(words[1]).map(ObservedValue.number) ?? .text(words[1])
        return HL7Writer.Row(
            code: code, text: name, value: value, unit: words.count > 2 ? words[2] : "",
            time: time)
    }
}

// What happens to the house.
extension StoryStage {
    private mutating func house(_ event: String) throws(StoryError) -> [String] {
        let forever = 100_000_000
        switch event {
        case "feature worker dies": world.crash(.worker(0), forMs: forever)
        case "feature worker returns": world.restart(.worker(0))
        case "model worker dies": world.crash(.worker(1), forMs: forever)
        case "model worker returns": world.restart(.worker(1))
        case "store loses power": world.crash(.store, forMs: forever)
        case "store returns": world.restart(.store)
        case "ingest loses power": world.crash(.ingest(0), forMs: forever)
        case "ingest returns": world.restart(.ingest(0))
        case "ingest's disk is full": world.ingests[0].journal.fill(true)
        case "ingest's disk has space again": world.ingests[0].journal.fill(false)
        case "ingest's disk stalls": world.ingests[0].journal.slowDown()
        case "link from ingest to store is cut": world.link.cut(world.ingests[0].store)
        case "link from ingest to store is whole again": world.link.heal(world.ingests[0].store)
        default: throw StoryError(description: "nobody knows what 'the \(event)' means")
        }
        return settled()
    }

    private mutating func operate(_ words: ArraySlice<String>) throws(StoryError) -> [String] {
        switch (words.first, words.dropFirst().joined(separator: " ")) {
        case ("activates", let name) where Artifacts.outcomes[name] != nil:
            world.operators.order(.activate(name), mustSucceed: false)
        case ("tries", let trial):
            world.operators.order(
                .ask(.release(ReleaseOrder(try StoryStage.step(trial)))), mustSucceed: false)
        case ("rolls", let outcome) where outcome.hasPrefix("back "):
            world.operators.order(.rollback(String(outcome.dropFirst(5))), mustSucceed: false)
        default:
            throw StoryError(description: "the operator activates, tries or rolls back something")
        }
        let told = settled()
        guard world.operators.answers.last == "done",
            case .activated(let activation)? = world.operators.latest
        else {
            let reason = world.operators.answers.last?.split(separator: "(").first ?? "no answer"
            return told + ["refused: \(reason)"]
        }
        return told + [StoryWords.line(activation)]
    }

    /// `MODEL for all`, `MODEL for 30 %`, `MODEL as a shadow`, `OUTCOME without a canary`, or
    /// `OUTCOME without a shadow`.
    private static func step(_ trial: String) throws(StoryError) -> ReleaseOrder.Step {
        let words = trial.split(separator: " ").map(String.init)
        let name = words.first ?? ""
        let id = Artifacts.id(name)
        switch words.dropFirst().joined(separator: " ") {
        case "for all": return .promote(id)
        case "as a shadow": return .shadow(id)
        case "without a canary": return .endCanary(outcome: name)
        case "without a shadow": return .endShadow(outcome: name)
        default:
            guard words.count == 4, let percent = Double(words[2]) else {
                throw StoryError(description: "'\(trial)' is nothing to try")
            }
            return .canary(id, share: percent / 100)
        }
    }

    /// `PATIENT shows`, `PATIENT showed at revision N`, `PATIENT in the shadows`, or
    /// `PATIENT is judged`.
    private mutating func show(_ words: ArraySlice<String>) throws(StoryError) -> [String] {
        guard let id = words.first.flatMap({ TwinID($0) }) else {
            throw StoryError(description: "a twin has a name")
        }
        if words.last == "shadows" {
            return ask(.shadows(id: id, afterRevision: 0, limit: 100))
        }
        let revision = words.contains("revision") ? words.last.flatMap(Revision.init) : nil
        if words.last == "judged" {
            let told = ask(.twin(id: id, asOf: nil))
            guard case .twin(let state)? = world.operators.latest, state.id == id else {
                return told
            }
            return StoryWords.judgement(state, at: world.now)
        }
        return ask(.twin(id: id, asOf: revision))
    }

    /// `NAME of PATIENT`: what the score rests on.
    private mutating func score(_ words: ArraySlice<String>) throws(StoryError) -> [String] {
        guard words.count == 3, let name = words.first, let id = words.last.flatMap({ TwinID($0) })
        else { throw StoryError(description: "write: score NAME of PATIENT") }
        _ = ask(.twin(id: id, asOf: nil))
        guard case .twin(let state)? = world.operators.latest else { return ["there is no twin"] }
        return ScoreWords.lines(of: state, name, at: world.now)
    }

    private mutating func ask(_ query: Query) -> [String] {
        world.operators.order(.ask(query), mustSucceed: false)
        let told = settled()
        guard world.operators.isIdle else {
            // It has waited long enough: the deadline ends it.
            world.advance(ms: StoryStage.settleMs)
            return told + ["the store does not answer"]
        }
        guard world.operators.answers.last == "done" else {
            return told + [world.operators.answers.last ?? ""]
        }
        let now = world.now
        return told + (world.operators.latest.map { StoryWords.lines($0, at: now) } ?? [])
    }

    private func quarantine() -> [String] {
        let kept = world.ingests[0].quarantine.list(after: 0, limit: 100)
        return kept.isEmpty
            ? ["quarantine is empty"]
            : kept.map { "\($0.byteCount) bytes of \($0.format), refused as \($0.refusal)" }
    }
}
