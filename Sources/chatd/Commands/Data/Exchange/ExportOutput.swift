import Glibc
import Persistence

/// The output of an export: a file that gets its name at the end, or standard output.
final class ExportOutput {
    private static let bufferSize = 256 << 10

    private let file: PartialFile?
    private var buffer: [UInt8] = []
    /// The number of bytes so far.
    private(set) var size: Int64 = 0

    /// - Parameter target: nil for standard output.
    init(_ target: String?, replaces: Bool) throws(MaintenanceError) {
        if let target { file = try PartialFile(for: target, replaces: replaces) } else { file = nil }
        buffer.reserveCapacity(2 * Self.bufferSize)
    }

    func write(_ line: ExportLine) throws(MaintenanceError) {
        let bytes = line.bytes
        size += Int64(bytes.count)
        buffer += bytes
        if buffer.count >= Self.bufferSize { try flush() }
    }

    /// Writes the rest. A file is on the disk afterwards.
    func complete() throws(MaintenanceError) {
        try flush()
        try file?.complete()
    }

    private func flush() throws(MaintenanceError) {
        let descriptor = file?.descriptor ?? STDOUT_FILENO
        var rest = buffer[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let reason = strerror(errno).map { String(cString: $0) } ?? "error \(errno)"
                throw .file(path: file?.path ?? "standard output", reason: reason)
            }
            rest = rest.dropFirst(count)
        }
        buffer.removeAll(keepingCapacity: true)
    }
}
