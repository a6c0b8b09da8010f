import Actors
import Transport

extension WireWriter {
    mutating func append(_ selection: SocketSelection) {
        append(selection.namespace)
        append(each: selection.rooms) { $0.append($1) }
        append(each: selection.exceptions) { $0.append($1) }
    }

    mutating func append(_ change: SocketChange) {
        switch change {
        case .join(let rooms):
            append(tag: WireTag.Change.join)
            append(each: rooms) { $0.append($1) }
        case .leave(let rooms):
            append(tag: WireTag.Change.leave)
            append(each: rooms) { $0.append($1) }
        case .disconnect(let close):
            append(tag: WireTag.Change.disconnect)
            append(close)
        }
    }

    mutating func append(_ fetch: SocketFetch) {
        append(fetch.number)
        append(fetch.selection)
        append(UInt64(fetch.maxBytes))
    }

    mutating func append(_ answer: FetchAnswer) {
        switch answer {
        case .sockets(let sockets):
            append(tag: WireTag.Answer.sockets)
            append(each: sockets) { writer, socket in
                writer.append(socket.id)
                writer.append(each: socket.rooms) { $0.append($1) }
                writer.append(optional: socket.data) { $0.append($1.utf8) }
            }
        case .tooLarge(let count):
            append(tag: WireTag.Answer.tooLarge)
            append(UInt64(count))
        case .workers(let count):
            append(tag: WireTag.Answer.workers)
            append(UInt64(count))
        case .refused:
            append(tag: WireTag.Answer.refused)
        }
    }
}

extension WireReader {
    mutating func selection() throws(CodecError) -> SocketSelection {
        SocketSelection(namespace: try text(), rooms: try rooms(), exceptions: try rooms())
    }

    mutating func socketChange() throws(CodecError) -> SocketChange {
        switch try tag(WireTag.Change.self) {
        case .join: .join(try rooms())
        case .leave: .leave(try rooms())
        case .disconnect: .disconnect(close: try bool())
        }
    }

    mutating func socketFetch() throws(CodecError) -> SocketFetch {
        SocketFetch(number: try integer(), selection: try selection(), maxBytes: try size())
    }

    /// The smallest size of a fetched socket, in bytes: its id, the count 0 of its rooms, and the flag of its data.
    private static let minSocketSize = SessionID.length + lengthSize + 1

    mutating func fetchAnswer() throws(CodecError) -> FetchAnswer {
        switch try tag(WireTag.Answer.self) {
        case .sockets:
            .sockets(
                try each(ofAtLeast: Self.minSocketSize) { reader throws(CodecError) in
                    FetchedSocket(
                        id: try reader.sessionID(), rooms: try reader.rooms(),
                        data: try reader.optional { reader throws(CodecError) in try reader.json() })
                })
        case .tooLarge: .tooLarge(count: try size())
        case .workers: .workers(try size())
        case .refused: .refused
        }
    }

    private mutating func rooms() throws(CodecError) -> [String] {
        try each(ofAtLeast: Self.lengthSize, Self.string)
    }
}
