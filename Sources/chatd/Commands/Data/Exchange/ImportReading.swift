import Glibc
import Persistence

/// Reads an export line by line, and checks its form: a header, starts, messages, deleted messages, and the end.
struct ImportReading {
    /// The limits of the messages that are stored in one transaction.
    private static let maxRows = 1000
    private static let maxBytes = 1 << 20
    /// The longest line. A content takes up to six bytes for each of its own.
    private static let maxLine = 1 << 30

    let header: ExportLine.Header
    private(set) var starts: [SourceStart] = []
    /// The number of messages that were read.
    private(set) var count: Int64 = 0
    /// The id up to which all messages are deleted; nil if none was ever deleted, or before the end.
    private(set) var deletedThrough: Int64?
    /// The size of the input in bytes; nil if it is no file, so that its size is unknown.
    let size: Int64?
    /// The number of bytes that were read.
    var byteCount: Int64 { lines.byteCount }
    private var hasDeleted = false
    private var lines: InputLines
    private var hasEnded = false

    /// Reads the header.
    init(_ descriptor: CInt) throws(MaintenanceError) {
        lines = InputLines(descriptor, limit: Self.maxLine)
        var status = stat()
        size = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG ? Int64(status.st_size) : nil
        guard let first = try Self.next(&lines) else { throw .line(number: 1, reason: "the input is empty") }
        do throws(ExportLine.Failure) {
            guard case .header(let header) = try ExportLine(first) else {
                throw ExportLine.Failure(reason: "it does not begin an export")
            }
            self.header = header
        } catch {
            throw .line(number: 1, reason: "this is no export of chatd: \(error.reason)")
        }
    }

    /// Reads messages to store in one transaction.
    /// - Returns: nil after the end line.
    mutating func nextBatch() throws(MaintenanceError) -> [ImportTarget.Entry]? {
        guard !hasEnded else { return nil }
        var batch: [ImportTarget.Entry] = []
        var size = 0
        while batch.count < Self.maxRows, size < Self.maxBytes, !hasEnded {
            guard let bytes = try Self.next(&lines) else {
                throw .line(
                    number: lines.number + 1,
                    reason: "the input ends before its last line, after \(count) messages; import the complete one")
            }
            size += bytes.count
            if let entry = try read(bytes) { batch.append(entry) }
        }
        return batch
    }

    private mutating func read(_ bytes: [UInt8]) throws(MaintenanceError) -> ImportTarget.Entry? {
        let line: ExportLine
        do {
            line = try ExportLine(bytes)
        } catch {
            throw .line(number: lines.number, reason: error.reason)
        }
        switch line {
        case .message(let row) where !hasDeleted:
            count += 1
            return ImportTarget.Entry(row, line: lines.number)
        case .message: throw .line(number: lines.number, reason: "a message follows deleted ones")
        case .deleted(let message):
            hasDeleted = true
            return ImportTarget.Entry(message, line: lines.number)
        case .start(let start) where count == 0 && !hasDeleted: starts.append(start)
        case .start: throw .line(number: lines.number, reason: "a start follows messages")
        case .header: throw .line(number: lines.number, reason: "a second export follows")
        case .end(let messages, let through):
            guard messages == count else {
                throw .line(number: lines.number, reason: "the export has \(messages) messages, and \(count) were read")
            }
            guard try Self.next(&lines) == nil else {
                throw .line(number: lines.number, reason: "a line follows the end")
            }
            guard through != nil || !hasDeleted else {
                throw .line(number: lines.number, reason: "deletedThrough is missing")
            }
            (hasEnded, deletedThrough) = (true, through)
        }
        return nil
    }

    private static func next(_ lines: inout InputLines) throws(MaintenanceError) -> [UInt8]? {
        do {
            return try lines.next()
        } catch {
            throw .refused("\(error)")
        }
    }
}
