import Foundation

/// The folder of real data with known truth, where there is one.
///
/// It is named by `TWINLINE_DATA`, or is `shared/data` in a folder above the repository.
public enum SharedData {
    private static let root: URL? = {
        let files = FileManager.default
        func isFolder(_ url: URL) -> Bool {
            var isFolder: ObjCBool = false
            return files.fileExists(atPath: url.path, isDirectory: &isFolder) && isFolder.boolValue
        }
        if let named = ProcessInfo.processInfo.environment["TWINLINE_DATA"] {
            let url = URL(fileURLWithPath: named, isDirectory: true)
            return isFolder(url) ? url : nil
        }
        var folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        while folder.path != "/" {
            let candidate = folder.appendingPathComponent("shared/data", isDirectory: true)
            if isFolder(candidate) { return candidate }
            folder.deleteLastPathComponent()
        }
        return nil
    }()

    public static var isPresent: Bool { root != nil }

    /// The bytes of a file; nil if there is none.
    public static func bytes(_ path: String) -> [UInt8]? {
        guard let root, let data = try? Data(contentsOf: root.appendingPathComponent(path)) else {
            return nil
        }
        return Array(data)
    }

    /// A table; empty if there is none.
    public static func table(_ path: String) -> CSVTable {
        CSVTable(String(decoding: bytes(path) ?? [], as: UTF8.self))
    }
}
