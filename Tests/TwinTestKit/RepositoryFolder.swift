public import Foundation

/// Where tests find files beside the code.
public enum RepositoryFolder {
    /// The root of the repository.
    public static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// Real data with known truth, which is not part of the repository: `TWINLINE_DATA`, or
    /// `shared/data` in an ancestor of the root; nil where there is none.
    public static let data: URL? = {
        if let folder = ProcessInfo.processInfo.environment["TWINLINE_DATA"] {
            return URL(filePath: folder)
        }
        var folder = root
        while folder.pathComponents.count > 1 {
            folder.deleteLastPathComponent()
            let candidate = folder.appending(path: "shared/data")
            if FileManager.default.fileExists(atPath: candidate.path) { return candidate }
        }
        return nil
    }()
}
