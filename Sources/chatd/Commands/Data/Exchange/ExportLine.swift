import Actors
import Persistence
import Transport

/// One line of an export: a JSON object. The forms are described in docs/data.md.
enum ExportLine: Equatable {
    /// The first line. The number of messages is the expected one.
    struct Header: Equatable {
        let messages: Int64
        let assignedID: Int64
    }

    /// The version of the format. Version 1 has no names of authors.
    static let version = 2

    case header(Header)
    /// A start of a server that the database has recorded.
    case start(SourceStart)
    case message(SourceRow)
    /// What is left of a deleted message.
    case deleted(SourceTombstone)
    /// The last line, with the number of messages in the file, and the id up to which all messages are deleted.
    case end(messages: Int64, deletedThrough: Int64?)

    /// The line with its line feed.
    var bytes: [UInt8] { Array(text.utf8) + [UInt8(ascii: "\n")] }

    private var text: JSONText {
        switch self {
        case .header(let header):
            JSONText(object: [
                ("chatd", JSONText(string: "messages")), ("version", JSONText(integer: Self.version)),
                ("messages", JSONText(integer: Int(header.messages))),
                ("assignedID", JSONText(integer: Int(header.assignedID))),
            ])
        case .start(let start):
            JSONText(
                object: [
                    ("epoch", ExportValue.text(start.epoch)), ("startedAt", JSONText(integer: Int(start.startedAt))),
                ] + (start.highestID.map { [("highestID", JSONText(integer: Int($0)))] } ?? [])
                    + (start.rowLimit.map { [("rowLimit", JSONText(integer: Int($0)))] } ?? []))
        case .message(let row):
            JSONText(
                object: [("id", JSONText(integer: Int(row.id)))]
                    + Self.members(row).compactMap { name, value in ExportValue.json(value).map { (name, $0) } })
        case .deleted(let message):
            JSONText(object: [
                ("deleted", ExportValue.text(message.key)), ("hash", JSONText(utf8String: message.contentHash)),
                ("id", JSONText(integer: Int(message.id))), ("deletedAt", JSONText(integer: Int(message.deletedAt))),
            ])
        case .end(let messages, let through):
            JSONText(
                object: [("end", JSONText(integer: Int(messages)))]
                    + (through.map { [("deletedThrough", JSONText(integer: Int($0)))] } ?? []))
        }
    }

    private static func members(_ row: SourceRow) -> [(String, SourceValue)] {
        [
            ("clientOffset", row.clientOffset), ("content", row.content), ("createdAt", row.createdAt),
            ("author", row.author), ("authorName", row.authorName),
        ]
    }
}

extension ExportLine {
    /// A line that is none of an export.
    struct Failure: Error, Equatable {
        let reason: String
    }

    /// - Throws: ``Failure``.
    init(_ bytes: [UInt8]) throws(Failure) {
        guard (try? UTF8Span(validating: bytes.span)) != nil else { throw Failure(reason: "it is not UTF-8") }
        guard let text = try? JSONText(validating: bytes), let members = text.members else {
            throw Failure(reason: "it is no JSON object")
        }
        var fields = Fields(members)
        switch members.first?.name {
        case "chatd": self = .header(try Self.header(&fields))
        case "epoch": self = .start(try Self.start(&fields))
        case "id": self = .message(try Self.message(&fields))
        case "deleted": self = .deleted(try Self.deleted(&fields))
        case "end":
            let messages = try fields.integer("end", in: 0...Int64.max)
            let isAny = fields.contains("deletedThrough")
            self = .end(
                messages: messages,
                deletedThrough: isAny ? try fields.integer("deletedThrough", in: 0...StoredMessage.maxID) : nil)
        default: throw Failure(reason: "its first member is none of chatd, epoch, id, deleted, end")
        }
        try fields.checkEnd()
    }

    private static func header(_ fields: inout Fields) throws(Failure) -> Header {
        guard fields.take("chatd")?.isString("messages") == true else {
            throw Failure(reason: "it is not the export of messages")
        }
        let version = try fields.integer("version", in: 1...Int64.max)
        guard version <= Self.version else {
            throw Failure(reason: "the export has version \(version), and this chatd reads only 1 to \(Self.version)")
        }
        return Header(
            messages: try fields.integer("messages", in: 0...Int64.max),
            assignedID: try fields.integer("assignedID", in: 0...StoredMessage.maxID))
    }

    private static func start(_ fields: inout Fields) throws(Failure) -> SourceStart {
        guard let epoch = fields.take("epoch")?.utf8String() else { throw Failure(reason: "epoch is not a string") }
        let startedAt = try fields.integer("startedAt", in: Int64.min...Int64.max)
        let (hasHighest, hasLimit) = (fields.contains("highestID"), fields.contains("rowLimit"))
        return SourceStart(
            epoch: epoch, startedAt: startedAt,
            highestID: hasHighest ? try fields.integer("highestID", in: 0...Int64.max) : nil,
            rowLimit: hasLimit ? try fields.integer("rowLimit", in: 0...StoredMessage.maxID) : nil)
    }

    private static func message(_ fields: inout Fields) throws(Failure) -> SourceRow {
        SourceRow(
            id: try fields.integer("id", in: Int64.min...Int64.max),
            clientOffset: try fields.value("clientOffset", allowsNumber: false),
            content: try fields.value("content", allowsNumber: false),
            createdAt: try fields.createdAt(), author: try fields.value("author", allowsNumber: false),
            authorName: try fields.value("authorName", allowsNumber: false))
    }

    private static func deleted(_ fields: inout Fields) throws(Failure) -> SourceTombstone {
        guard case .text(let key) = try fields.value("deleted", allowsNumber: false) else {
            throw Failure(reason: "deleted is not a text")
        }
        guard let hash = fields.take("hash")?.utf8String(), hash.count == 64, hash.allSatisfy(Self.isHexDigit) else {
            throw Failure(reason: "hash is not a SHA-256 in hexadecimal digits")
        }
        return SourceTombstone(
            key: key, contentHash: hash, id: try fields.integer("id", in: 1...StoredMessage.maxID),
            deletedAt: try fields.integer("deletedAt", in: Int64.min...Int64.max))
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
    }

    /// The members of a line that were not read yet.
    private struct Fields {
        private var members: [(name: String, value: JSONText)]

        init(_ members: [(name: String, value: JSONText)]) { self.members = members }

        func contains(_ name: String) -> Bool { members.contains { $0.name == name } }

        mutating func take(_ name: String) -> JSONText? {
            members.firstIndex { $0.name == name }.map { members.remove(at: $0).value }
        }

        mutating func integer(_ name: String, in range: ClosedRange<Int64>) throws(Failure) -> Int64 {
            guard let value = take(name) else { throw Failure(reason: "\(name) is missing") }
            guard let number = value.integer.map(Int64.init), range.contains(number) else {
                throw Failure(reason: "\(name) is not a whole number in its range")
            }
            return number
        }

        mutating func value(_ name: String, allowsNumber: Bool) throws(Failure) -> SourceValue {
            guard let text = take(name) else { return .null }
            guard let value = ExportValue.parse(text), allowsNumber || !value.isNumber else {
                throw Failure(reason: "\(name) has another form")
            }
            return value
        }

        /// The table has a default for it and allows no NULL.
        mutating func createdAt() throws(Failure) -> SourceValue {
            let value = try value("createdAt", allowsNumber: true)
            return value == .null ? .integer(0) : value
        }

        func checkEnd() throws(Failure) {
            if let rest = members.first { throw Failure(reason: "\(rest.name) is unknown, or occurs twice") }
        }
    }
}
