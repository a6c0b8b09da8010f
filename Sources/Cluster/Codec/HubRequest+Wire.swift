import Actors
import Persistence
import Transport

extension WireWriter {
    mutating func append(_ request: HubRequest) {
        switch request {
        case .register(let registration):
            append(tag: WireTag.Request.register)
            append(registration)
        case .unregister(let key, let isKept):
            append(tag: WireTag.Request.unregister)
            append(key)
            append(isKept)
        case .claim(let claim):
            append(tag: WireTag.Request.claim)
            append(claim)
        case .setData(let key, let data):
            append(tag: WireTag.Request.setData)
            append(key)
            append(data.utf8)
        case .join(let key, let room):
            append(tag: WireTag.Request.join)
            append(key)
            append(room)
        case .leave(let key, let room):
            append(tag: WireTag.Request.leave)
            append(key)
            append(room)
        case .emit(let broadcast, let sender):
            append(tag: WireTag.Request.emit)
            append(optional: sender) { $0.append($1) }
            append(broadcast)
        case .store(let key, let draft):
            append(tag: WireTag.Request.store)
            append(key)
            append(optional: draft.clientOffset) { $0.append($1) }
            append(draft.attribution)
            append(draft.content)
        case .subscribe(let key):
            append(tag: WireTag.Request.subscribe)
            append(key)
        case .change(let selection, let change, let sender):
            append(tag: WireTag.Request.change)
            append(optional: sender) { $0.append($1) }
            append(selection)
            append(change)
        case .fetch(let fetch, let sender):
            append(tag: WireTag.Request.fetch)
            append(optional: sender) { $0.append($1) }
            append(fetch)
        case .countWorkers(let number):
            append(tag: WireTag.Request.countWorkers)
            append(number)
        case .inquire(let inquiry, let sender):
            append(tag: WireTag.Request.inquire)
            append(optional: sender) { $0.append($1) }
            append(inquiry)
        case .dismiss(let number):
            append(tag: WireTag.Request.dismiss)
            append(number)
        case .answer(let report):
            append(tag: WireTag.Request.answer)
            append(report)
        case .emitToServers(let event):
            append(tag: WireTag.Request.emitToServers)
            append(event)
        case .open(let namespace):
            append(tag: WireTag.Request.open)
            append(namespace)
        case .reportUse(let use):
            append(tag: WireTag.Request.reportUse)
            append(use)
        }
    }

    private mutating func append(_ claim: Claim) {
        append(claim.number)
        append(claim.namespace)
        append(optional: claim.privateID) { $0.append($1) }
        append(optional: claim.offset) { $0.append($1) }
        append(UInt64(claim.maxMissedBytes))
        append(optional: claim.lifetime) { $0.append($1) }
    }

    private mutating func append(_ registration: Registration) {
        append(registration.key)
        append(registration.namespace)
        append(optional: registration.group) { $0.append($1) }
        append(registration.privateID)
        append(optional: registration.startRow) { $0.append($1) }
        append(optional: registration.earlierOffset) { $0.append($1) }
        append(optional: registration.lifetime) { $0.append($1) }
    }

    mutating func append(_ broadcast: Broadcast) {
        append(broadcast.namespace)
        append(each: broadcast.rooms) { $0.append($1) }
        append(each: broadcast.exceptions) { $0.append($1) }
        append(broadcast.isVolatile)
        append(broadcast.event)
    }

    mutating func append(_ event: EncodedEvent) {
        append(event.text)
        append(each: event.attachments) { $0.append($1) }
    }
}

extension WireReader {
    mutating func hubRequest() throws(CodecError) -> HubRequest {
        switch try tag(WireTag.Request.self) {
        case .register:
            .register(
                Registration(
                    key: try sessionKey(), namespace: try text(), group: try optional(Self.string),
                    privateID: try sessionID(), startRow: try optional(Self.row),
                    earlierOffset: try optional(Self.string), lifetime: try optional(Self.lifetime)))
        case .unregister: .unregister(try sessionKey(), isKept: try bool())
        case .claim: .claim(try claim())
        case .setData: .setData(try sessionKey(), try json())
        case .join: .join(try sessionKey(), room: try text())
        case .leave: .leave(try sessionKey(), room: try text())
        case .emit: try emit()
        case .store: .store(try sessionKey(), try draft())
        case .subscribe: .subscribe(try sessionKey())
        case .change: try change()
        case .fetch: try fetch()
        case .countWorkers: .countWorkers(try integer())
        case .inquire: try inquire()
        case .dismiss: .dismiss(try integer())
        case .answer: .answer(try inquiryReport())
        case .emitToServers: .emitToServers(try serverEvent())
        case .open: .open(namespace: try text())
        case .reportUse: .reportUse(try sharedUse())
        }
    }

    private mutating func claim() throws(CodecError) -> Claim {
        let number = try integer(UInt64.self)
        let namespace = try text()
        let privateID = try optional { reader throws(CodecError) in try reader.sessionID() }
        let offset = try optional { reader throws(CodecError) in try reader.text() }
        return Claim(
            number: number, namespace: namespace, privateID: privateID, offset: offset, maxMissedBytes: try size(),
            lifetime: try optional(Self.lifetime))
    }

    private static func lifetime(_ reader: inout WireReader) throws(CodecError) -> Duration {
        try reader.duration()
    }

    private mutating func draft() throws(CodecError) -> MessageDraft {
        let clientOffset = try optional(Self.bytes)
        let author = try author()
        return MessageDraft(clientOffset: clientOffset, content: try array(), attribution: author)
    }

    private mutating func emit() throws(CodecError) -> HubRequest {
        let sender = try optional(Self.key)
        return .emit(try broadcast(), sender: sender)
    }

    private mutating func change() throws(CodecError) -> HubRequest {
        let sender = try optional(Self.key)
        return .change(try selection(), try socketChange(), sender: sender)
    }

    private mutating func fetch() throws(CodecError) -> HubRequest {
        let sender = try optional(Self.key)
        return .fetch(try socketFetch(), sender: sender)
    }

    private mutating func inquire() throws(CodecError) -> HubRequest {
        let sender = try optional(Self.key)
        return .inquire(try inquiry(), sender: sender)
    }

    mutating func broadcast() throws(CodecError) -> Broadcast {
        let namespace = try text()
        let rooms = try each(ofAtLeast: Self.lengthSize, Self.string)
        let exceptions = try each(ofAtLeast: Self.lengthSize, Self.string)
        let isVolatile = try bool()
        return Broadcast(
            namespace: namespace, rooms: rooms, exceptions: exceptions, event: try event(), isVolatile: isVolatile)
    }

    mutating func event() throws(CodecError) -> EncodedEvent {
        EncodedEvent(text: try array(), attachments: try each(ofAtLeast: Self.lengthSize, Self.bytes))
    }

    mutating func json() throws(CodecError) -> JSONText {
        let bytes = try array()
        // An encoder writes no whitespace around the value.
        guard UTF8Validator.isValid(bytes), let text = try? JSONText(validating: bytes),
            text.utf8.count == bytes.count
        else { throw .badValue }
        return text
    }

    static func string(_ reader: inout WireReader) throws(CodecError) -> String { try reader.text() }
    static func bytes(_ reader: inout WireReader) throws(CodecError) -> [UInt8] { try reader.array() }
    static func key(_ reader: inout WireReader) throws(CodecError) -> SessionKey { try reader.sessionKey() }
    static func row(_ reader: inout WireReader) throws(CodecError) -> Int64 { try reader.integer() }
}
