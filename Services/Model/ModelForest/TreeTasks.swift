/// Trees that are grown by child tasks, a few at once.
enum TreeTasks {
    /// Gives every tree to `add`, in whatever order they are done, until all are or `progress` says
    /// no; one tree runs without suspension.
    static func run<Tree: Sendable>(
        _ options: ForestOptions, progress: (_ treesDone: Int) -> Bool,
        grow: @escaping @Sendable (_ index: Int) -> Tree, add: (Tree) -> Void
    ) async {
        await withTaskGroup(of: Tree?.self) { group in
            var next = min(options.threadsMax, options.treeCount)
            var done = 0
            var goesOn = true
            for index in 0..<next { group.addTask { Task.isCancelled ? nil : grow(index) } }
            while let grown = await group.next() {
                guard let grown else { continue }
                add(grown)
                done += 1
                goesOn = goesOn && progress(done) && !Task.isCancelled
                guard goesOn, next < options.treeCount else { continue }
                let index = next
                next += 1
                group.addTask { Task.isCancelled ? nil : grow(index) }
            }
        }
    }
}
