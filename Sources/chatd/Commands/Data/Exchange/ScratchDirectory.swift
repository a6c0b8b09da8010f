import Glibc
import Persistence

/// A directory that is removed with its files when it is not needed any more.
final class ScratchDirectory {
    let path: String

    /// Creates it below the path in the variable TMPDIR, or below /tmp.
    init() throws(MaintenanceError) {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(parent)/chatd-import-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { $0.baseAddress.flatMap { mkdtemp($0) } != nil }
        guard made else {
            throw .file(path: parent, reason: strerror(errno).map { String(cString: $0) } ?? "error \(errno)")
        }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        for suffix in ["", "-wal", "-shm", ".lock", "-journal"] { unlink("\(path)/import.db\(suffix)") }
        rmdir(path)
    }
}
