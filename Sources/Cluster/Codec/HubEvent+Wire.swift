import Actors
import Persistence

extension WireWriter {
    mutating func append(_ event: HubEvent) {
        switch event {
        case .registered(let id, let position):
            append(tag: WireTag.Event.registered)
            append(id)
            append(position)
        case .claimed(let number, let answer):
            append(number, answer)
        case .claimDelayed(let number):
            append(.claimDelayed, number)
        case .ownershipLost(let key):
            append(tag: WireTag.Event.ownershipLost)
            append(key)
        case .dataRecorded(let id):
            append(tag: WireTag.Event.dataRecorded)
            append(id)
        case .joined(let id, let room):
            append(.joined, id, room)
        case .left(let id, let room):
            append(.left, id, room)
        case .broadcast(let broadcast, let position):
            append(tag: WireTag.Event.broadcast)
            append(position)
            append(broadcast)
        case .emitted(let key, let credit):
            append(.emitted, key, credit: credit)
        case .message(let message, let position):
            append(tag: WireTag.Event.message)
            append(position)
            append(message)
        case .deleted(let messages):
            append(tag: WireTag.Event.deleted)
            append(messages)
        case .stored(let key, let result, let credit):
            append(tag: WireTag.Event.stored)
            append(key)
            append(optional: result.id) { $0.append($1) }
            append(UInt64(credit))
        case .subscribed(let id, let lastPublished, let highest):
            append(tag: WireTag.Event.subscribed)
            append(id)
            append(lastPublished)
            append(highest)
        case .changed(let selection, let change):
            append(tag: WireTag.Event.changed)
            append(selection)
            append(change)
        case .carriedOut(let key, let credit):
            append(.carriedOut, key, credit: credit)
        case .fetched(let number, let key, let answer, let credit):
            append(.fetched, number)
            append(optional: key) { $0.append($1) }
            append(answer)
            append(UInt64(credit))
        case .inquired(let number, let target):
            append(.inquired, number)
            append(target)
        case .dismissed(let number):
            append(.dismissed, number)
        case .answered(let report):
            append(tag: WireTag.Event.answered)
            append(report)
        case .serverEvent(let event):
            append(tag: WireTag.Event.serverEvent)
            append(event)
        case .usedElsewhere(let use):
            append(tag: WireTag.Event.usedElsewhere)
            append(use)
        }
    }

    private mutating func append(_ tag: WireTag.Event, _ id: SessionID, _ room: String) {
        append(tag: tag)
        append(id)
        append(room)
    }

    /// Appends an answer that consists of the sender and the returned credit.
    private mutating func append(_ tag: WireTag.Event, _ number: UInt64) {
        append(tag: tag)
        append(number)
    }

    private mutating func append(_ tag: WireTag.Event, _ sender: SessionKey?, credit: Int) {
        append(tag: tag)
        append(optional: sender) { $0.append($1) }
        append(UInt64(credit))
    }

    private mutating func append(_ number: UInt64, _ answer: ClaimAnswer) {
        switch answer {
        case .recovered(let session):
            append(tag: WireTag.Event.recovered)
            append(number)
            append(session)
        case .refused(let trust):
            append(tag: WireTag.Event.refused)
            append(number)
            append(trust)
        }
    }

    private mutating func append(_ message: StoredMessage) {
        append(message.id)
        append(message.storedAt)
        append(message.attribution)
        append(optional: message.clientOffset) { $0.append($1) }
        append(message.content)
    }

    private mutating func append(_ messages: DeletedMessages) {
        switch messages {
        case .through(let last):
            append(optional: last) { $0.append($1) }
            append(each: [Int64]()) { $0.append($1) }
        case .messages(let ids):
            append(optional: Int64?.none) { $0.append($1) }
            append(each: ids) { $0.append($1) }
        }
    }

    private mutating func append(_ session: RecoveredSession) {
        append(session.key)
        append(session.privateID)
        append(each: session.rooms) { $0.append($1) }
        append(optional: session.data) { $0.append($1.utf8) }
        append(each: session.missed) { writer, missed in
            writer.append(missed.position)
            writer.append(optional: missed.epoch) { $0.append($1) }
            writer.append(missed.event)
        }
        append(session.startRow)
        append(session.rowLimit)
        append(session.position)
    }

    private mutating func append(_ trust: RowTrust) {
        switch trust {
        case .unlimited:
            append(tag: WireTag.Trust.unlimited)
        case .limited(let limit, let row):
            append(tag: WireTag.Trust.limited)
            append(limit)
            append(row)
        case .foreign:
            append(tag: WireTag.Trust.foreign)
        }
    }
}

extension WireReader {
    mutating func hubEvent() throws(CodecError) -> HubEvent {
        switch try tag(WireTag.Event.self) {
        case .registered: .registered(try sessionID(), position: try integer())
        case .recovered: .claimed(try integer(), .recovered(try recovered()))
        case .refused: .claimed(try integer(), .refused(try rowTrust()))
        case .claimDelayed: .claimDelayed(try integer())
        case .ownershipLost: .ownershipLost(try sessionKey())
        case .dataRecorded: .dataRecorded(try sessionID())
        case .joined: .joined(try sessionID(), room: try text())
        case .left: .left(try sessionID(), room: try text())
        case .broadcast: try positionedBroadcast()
        case .emitted: .emitted(try optional(Self.key), credit: try size())
        case .message: try message()
        case .deleted: .deleted(try deletedMessages())
        case .stored: .stored(try sessionKey(), StoreResult(id: try optional(Self.row)), credit: try size())
        case .subscribed: .subscribed(try sessionID(), lastPublished: try integer(), highest: try integer())
        case .changed: .changed(try selection(), try socketChange())
        case .carriedOut: .carriedOut(try optional(Self.key), credit: try size())
        case .fetched: .fetched(try integer(), try optional(Self.key), try fetchAnswer(), credit: try size())
        case .inquired: .inquired(try integer(), try inquiryTarget())
        case .dismissed: .dismissed(try integer())
        case .answered: .answered(try inquiryReport())
        case .serverEvent: .serverEvent(try serverEvent())
        case .usedElsewhere: .usedElsewhere(try sharedUse())
        }
    }

    private mutating func rowTrust() throws(CodecError) -> RowTrust {
        switch try tag(WireTag.Trust.self) {
        case .unlimited: .unlimited
        case .limited: .limited(to: try integer(), row: try integer())
        case .foreign: .foreign
        }
    }

    private mutating func deletedMessages() throws(CodecError) -> DeletedMessages {
        let last = try optional(Self.row)
        let ids = try each(ofAtLeast: MemoryLayout<Int64>.size, Self.row)
        return last.map { .through($0) } ?? .messages(ids)
    }

    private mutating func positionedBroadcast() throws(CodecError) -> HubEvent {
        let position = try integer(UInt64.self)
        return .broadcast(try broadcast(), position: position)
    }

    private mutating func message() throws(CodecError) -> HubEvent {
        let position = try integer(UInt64.self)
        let (id, storedAt) = (try integer(Int64.self), try integer(Int64.self))
        let author = try author()
        let clientOffset = try optional(Self.bytes)
        let message = StoredMessage(
            id: id, content: try array(), storedAt: storedAt, attribution: author, clientOffset: clientOffset)
        return .message(message, position: position)
    }

    /// The smallest size of a missed event, in bytes: its position, the flag of its epoch, the length 0 of its text,
    /// and the count 0 of its attachments.
    private static let minMissedSize = MemoryLayout<UInt64>.size + 1 + 2 * lengthSize

    private mutating func recovered() throws(CodecError) -> RecoveredSession {
        RecoveredSession(
            key: try sessionKey(), privateID: try sessionID(),
            rooms: try each(ofAtLeast: Self.lengthSize, Self.string),
            data: try optional { reader throws(CodecError) in try reader.json() },
            missed: try each(ofAtLeast: Self.minMissedSize) { reader throws(CodecError) in
                let position = try reader.integer(UInt64.self)
                let epoch = try reader.optional(Self.string)
                return PositionedEvent(event: try reader.event(), position: position, epoch: epoch)
            }, startRow: try integer(), rowLimit: try integer(), position: try integer())
    }
}

extension StoreResult {
    /// No message has this id.
    private static let fullID: Int64 = 0

    /// The message's id; nil if it was not stored.
    fileprivate var id: Int64? {
        switch self {
        case .committed(let id): id
        case .failed: nil
        case .full: Self.fullID
        }
    }

    fileprivate init(id: Int64?) {
        self = id.map { $0 == Self.fullID ? .full : .committed(id: $0) } ?? .failed
    }
}
