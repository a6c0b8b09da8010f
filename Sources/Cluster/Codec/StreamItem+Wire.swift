import Actors

extension WireWriter {
    private enum Tag {
        static let registered: UInt8 = 1
        static let recovered: UInt8 = 2
        static let refused: UInt8 = 3
        static let ownershipLost: UInt8 = 4
        static let dataNoted: UInt8 = 5
        static let joined: UInt8 = 6
        static let left: UInt8 = 7
        static let event: UInt8 = 8
        static let emitted: UInt8 = 9
        static let message: UInt8 = 10
        static let stored: UInt8 = 11
        static let subscribed: UInt8 = 12
    }

    package mutating func append(_ item: StreamItem) {
        switch item {
        case .registered(let id, let position):
            append(Tag.registered)
            append(id)
            append(position)
        case .claimed(let number, .recovered(let session)):
            append(Tag.recovered)
            append(number)
            append(session)
        case .claimed(let number, .refused(let trust)):
            append(Tag.refused)
            append(number)
            append(trust)
        case .ownershipLost(let key):
            append(Tag.ownershipLost)
            append(key)
        case .dataNoted(let id):
            append(Tag.dataNoted)
            append(id)
        case .joined(let id, let room):
            append(Tag.joined)
            append(id)
            append(room)
        case .left(let id, let room):
            append(Tag.left)
            append(id)
            append(room)
        case .event(let broadcast, let position):
            append(Tag.event)
            append(position)
            append(broadcast)
        case .emitted(let key, let credit):
            append(Tag.emitted)
            append(optional: key) { $0.append($1) }
            append(UInt64(credit))
        case .message(let message, let position):
            append(Tag.message)
            append(position)
            append(message.id)
            append(message.storedAt)
            append(optional: message.author) { $0.append($1) }
            append(optional: message.clientOffset) { $0.append($1) }
            append(message.content)
        case .stored(let key, let result, let credit):
            append(Tag.stored)
            append(key)
            append(optional: result.id) { $0.append($1) }
            append(UInt64(credit))
        case .subscribed(let id, let lastPublished, let highest):
            append(Tag.subscribed)
            append(id)
            append(lastPublished)
            append(highest)
        }
    }

    private mutating func append(_ session: RecoveredSession) {
        append(session.key)
        append(session.privateID)
        append(each: session.rooms) { $0.append($1) }
        append(optional: session.data) { $0.append($1.utf8) }
        append(each: session.missed) { writer, missed in
            writer.append(missed.position)
            writer.append(missed.event)
        }
        append(session.startRow)
        append(session.rowLimit)
        append(session.position)
    }

    private mutating func append(_ trust: RowTrust) {
        switch trust {
        case .unlimited:
            append(UInt8(0))
        case .limited(let limit, let row):
            append(UInt8(1))
            append(limit)
            append(row)
        case .foreign:
            append(UInt8(2))
        }
    }
}

extension WireReader {
    package mutating func item() throws(CodecError) -> StreamItem {
        switch try byte() {
        case 1: .registered(try sessionID(), position: try integer())
        case 2: .claimed(try integer(), .recovered(try recovered()))
        case 3: .claimed(try integer(), .refused(try rowTrust()))
        case 4: .ownershipLost(try sessionKey())
        case 5: .dataNoted(try sessionID())
        case 6: .joined(try sessionID(), room: try text())
        case 7: .left(try sessionID(), room: try text())
        case 8: try positionedEvent()
        case 9:
            .emitted(
                try optional { reader throws(CodecError) in try reader.sessionKey() }, credit: try size())
        case 10: try message()
        case 11: .stored(try sessionKey(), StoreResult(id: try optional(Self.row)), credit: try size())
        case 12: .subscribed(try sessionID(), lastPublished: try integer(), highest: try integer())
        default: throw .badValue
        }
    }

    private mutating func rowTrust() throws(CodecError) -> RowTrust {
        switch try byte() {
        case 0: .unlimited
        case 1: .limited(to: try integer(), row: try integer())
        case 2: .foreign
        default: throw .badValue
        }
    }

    private mutating func size() throws(CodecError) -> Int {
        guard let size = Int(exactly: try integer(UInt64.self)) else { throw .badValue }
        return size
    }

    private mutating func positionedEvent() throws(CodecError) -> StreamItem {
        let position = try integer(UInt64.self)
        return .event(try broadcast(), position: position)
    }

    private mutating func message() throws(CodecError) -> StreamItem {
        let position = try integer(UInt64.self)
        let (id, storedAt) = (try integer(Int64.self), try integer(Int64.self))
        let author = try optional(Self.bytes)
        let clientOffset = try optional(Self.bytes)
        let message = StoredMessage(
            id: id, content: try array(), storedAt: storedAt, author: author, clientOffset: clientOffset)
        return .message(message, position: position)
    }

    /// A position, the length of a text and a number of attachments.
    private static let minMissedSize = MemoryLayout<UInt64>.size + 2 * lengthSize

    private mutating func recovered() throws(CodecError) -> RecoveredSession {
        RecoveredSession(
            key: try sessionKey(), privateID: try sessionID(),
            rooms: try each(ofAtLeast: Self.lengthSize, Self.string),
            data: try optional { reader throws(CodecError) in try reader.json() },
            missed: try each(ofAtLeast: Self.minMissedSize) { reader throws(CodecError) in
                let position = try reader.integer(UInt64.self)
                return MissedEvent(event: try reader.event(), position: position)
            }, startRow: try integer(), rowLimit: try integer(), position: try integer())
    }
}

extension StoreResult {
    /// The message's id; nil when it is not stored.
    fileprivate var id: Int64? {
        switch self {
        case .committed(let id): id
        case .failed: nil
        }
    }

    fileprivate init(id: Int64?) {
        self = id.map { .committed(id: $0) } ?? .failed
    }
}
