package import TwinJournal

/// A disk in memory that records what is done to it and fails when it is told to.
package final class SimulatedDisk: Disk {
    /// Asked before each operation: its number, what it is, its path; an error number fails it.
    package typealias Fault = @Sendable (Int, DiskError.Doing, String) -> Int32?

    private struct State {
        var model: DiskModel
        var log: [DiskModel.Operation] = []
        var locked: Set<String> = []
        var fault: Fault?
        var operationCount = 0
        var fileCount: Int
    }

    private let state: Monitor<State>

    package init(_ model: DiskModel = DiskModel(), fault: Fault? = nil) {
        state = Monitor(
            State(model: model, fault: fault, fileCount: (model.names.values.max() ?? 0) + 1))
    }

    package var model: DiskModel { state.look { $0.model } }
    package var log: [DiskModel.Operation] { state.look { $0.log } }
    package var operationCount: Int { state.look { $0.operationCount } }

    package var syncCount: Int {
        log.count {
            if case .sync = $0 { true } else { false }
        }
    }

    package func setFault(_ fault: Fault?) { state.withLock { $0.fault = fault } }

    /// Writes a number between the recorded operations.
    package func note(_ number: UInt64) { state.withLock { $0.log.append(.note(number)) } }

    private func perform<Answer>(
        _ doing: DiskError.Doing, _ path: String,
        failing: (inout State, Int32) -> Void = { _, _ in },
        _ body: (inout State) -> Answer?
    ) throws(DiskError) -> Answer {
        try state.withLock { state throws(DiskError) in
            state.operationCount += 1
            if let code = state.fault?(state.operationCount, doing, path) {
                failing(&state, code)
                throw DiskError(code: code, doing: doing, path: path)
            }
            guard let answer = body(&state) else {
                throw DiskError(code: DiskError.missing, doing: doing, path: path)
            }
            return answer
        }
    }

    private func record(_ operation: DiskModel.Operation, _ state: inout State) {
        state.log.append(operation)
        state.model.apply(operation)
    }

    package func makeDirectory(_ path: String) throws(DiskError) {
        try perform(.makeDirectory, path) { _ in () }
    }

    package func names(in directory: String) throws(DiskError) -> [String] {
        try perform(.list, directory) { state in
            state.model.names.keys.filter { DiskModel.directory(of: $0) == directory }
                .map { String($0.dropFirst(directory.count + 1)) }.sorted()
        }
    }

    package func open(_ path: String, creating: Bool) throws(DiskError) -> any DiskFile {
        let number = try perform(.open, path) { state -> Int? in
            if let number = state.model.names[path] { return number }
            guard creating else { return nil }
            state.fileCount += 1
            record(.create(path: path, file: state.fileCount), &state)
            return state.fileCount
        }
        return File(disk: self, number: number, path: path, isLock: false)
    }

    package func rename(_ path: String, to newPath: String) throws(DiskError) {
        try perform(.rename, path) { state -> Void? in
            guard state.model.names[path] != nil else { return nil }
            return record(.rename(path: path, newPath: newPath), &state)
        }
    }

    package func remove(_ path: String) throws(DiskError) {
        try perform(.remove, path) { state -> Void? in
            guard state.model.names[path] != nil else { return nil }
            return record(.remove(path: path), &state)
        }
    }

    package func syncDirectory(_ path: String) throws(DiskError) {
        try perform(.sync, path) { record(.syncDirectory(path), &$0) }
    }

    package func lock(_ path: String) throws(DiskError) -> (any DiskFile)? {
        let isMine = try perform(.lock, path) { $0.locked.insert(path).inserted }
        return isMine ? File(disk: self, number: 0, path: path, isLock: true) : nil
    }

    private final class File: DiskFile {
        let disk: SimulatedDisk
        let number: Int
        let path: String
        let isLock: Bool

        init(disk: SimulatedDisk, number: Int, path: String, isLock: Bool) {
            self.disk = disk
            self.number = number
            self.path = path
            self.isLock = isLock
        }

        func byteCount() throws(DiskError) -> Int {
            try disk.perform(.measure, path) { [number] in
                $0.model.files[number]?.live.count
            }
        }

        func read(at position: Int, count: Int) throws(DiskError) -> [UInt8] {
            try disk.perform(.read, path) { [number] state in
                guard let live = state.model.files[number]?.live else { return nil }
                let start = min(max(0, position), live.count)
                return Array(live[start..<min(live.count, start + max(0, count))])
            }
        }

        func write(_ bytes: [UInt8], at position: Int) throws(DiskError) {
            // What fails has often written a part.
            try disk.perform(
                .write, path,
                failing: { [disk, number] state, _ in
                    let part = Array(bytes.prefix(bytes.count / 2))
                    disk.record(.write(file: number, position: position, bytes: part), &state)
                },
                { [disk, number] state in
                    disk.record(.write(file: number, position: position, bytes: bytes), &state)
                })
        }

        func sync() throws(DiskError) {
            try disk.perform(
                .sync, path,
                failing: { [disk, number] state, _ in
                    disk.record(.syncFailed(file: number), &state)
                },
                { [disk, number] state in disk.record(.sync(file: number), &state) })
        }

        func close() {
            guard isLock else { return }
            disk.state.withLock { [path] in _ = $0.locked.remove(path) }
        }
    }
}
