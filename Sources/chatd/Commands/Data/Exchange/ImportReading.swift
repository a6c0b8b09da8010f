import Persistence

/// Reads an export line by line, and checks its form: a header, starts, messages, and the end.
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
    private var lines: InputLines
    private var hasEnded = false

    /// Reads the header.
    init(_ descriptor: CInt) throws(MaintenanceError) {
        lines = InputLines(descriptor, limit: Self.maxLine)
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
            if let row = try read(bytes) {
                count += 1
                batch.append(ImportTarget.Entry(row, line: lines.number))
            }
        }
        return batch
    }

    private mutating func read(_ bytes: [UInt8]) throws(MaintenanceError) -> SourceRow? {
        let line: ExportLine
        do {
            line = try ExportLine(bytes)
        } catch {
            throw .line(number: lines.number, reason: error.reason)
        }
        switch line {
        case .message(let row): return row
        case .start(let start) where count == 0: starts.append(start)
        case .start: throw .line(number: lines.number, reason: "a start follows messages")
        case .header: throw .line(number: lines.number, reason: "a second export follows")
        case .end(let messages):
            guard messages == count else {
                throw .line(number: lines.number, reason: "the export has \(messages) messages, and \(count) were read")
            }
            guard try Self.next(&lines) == nil else {
                throw .line(number: lines.number, reason: "a line follows the end")
            }
            hasEnded = true
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
