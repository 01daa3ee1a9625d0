public import Foundation

extension Process {
    /// Starts the process, and tries again where another thread closed a file meanwhile.
    ///
    /// Foundation lists the open files and then spawns; a file that was closed in between makes the
    /// spawn fail with a bad descriptor, which says nothing of the process to be started.
    public func runPatiently() throws {
        for _ in 0..<20 {
            do { return try run() } catch { usleep(20_000) }
        }
        try run()
    }
}
