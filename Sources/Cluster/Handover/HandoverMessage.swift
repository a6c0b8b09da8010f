import Transport

/// A message between the supervisor and a worker about the sockets that the workers share. Each is one message of a
/// ``PassingSocket``. Specified in `docs/cluster-protocol.md`.
enum HandoverMessage: Equatable {
    /// The beginning of a connection that is passed on. Its descriptor comes with this message.
    case connection(Beginning)
    /// More of the bytes that were received on the connection.
    case more([UInt8])
    /// Worker to supervisor: the oldest connection on its way to the worker has arrived. `isTaken` is false if the
    /// worker had no descriptor left for it.
    case arrived(isTaken: Bool)
    /// Worker to supervisor: the number of the worker's sessions.
    case sessions(UInt32)
    /// Supervisor to worker: the state of all workers.
    case table(SessionRouting.Table)

    /// The first part of a connection that is passed on.
    struct Beginning: Equatable {
        /// The worker that the connection is passed to; nil for the one with the fewest sessions.
        var target: WorkerNumber?
        /// The client as the connection or its PROXY header states it.
        var peer: HTTPPeer
        /// The additional header fields of a refusal.
        var refusalHeaders: [HeaderField]
        /// The number of received bytes in this message and the following ones.
        var size: Int
        /// The first of them.
        var received: ArraySlice<UInt8>
    }

    struct HeaderField: Equatable {
        var name: String
        var value: String
    }

    /// The first byte of a message.
    private enum Tag: UInt8 {
        case connection = 1
        case more = 2
        case arrived = 3
        case sessions = 4
        case table = 5
    }

    /// The largest number of bytes that may be received before a connection is passed on.
    static let maxSize = 1 << 20

    // MARK: Encoding

    /// The bytes of the message.
    var bytes: [UInt8] {
        var writer = WireWriter()
        switch self {
        case .connection(let beginning):
            writer.append(tag: Tag.connection)
            writer.append(optional: beginning.target) { $0.append($1.value) }
            writer.append(beginning.peer.address)
            writer.append(beginning.peer.isTrusted)
            writer.append(beginning.peer.isSecure)
            writer.append(each: beginning.refusalHeaders) { writer, field in
                writer.append(field.name)
                writer.append(field.value)
            }
            writer.append(UInt32(beginning.size))
            writer.append(beginning.received)
        case .more(let bytes):
            writer.append(tag: Tag.more)
            writer.append(bytes)
        case .arrived(let isTaken):
            writer.append(tag: Tag.arrived)
            writer.append(isTaken)
        case .sessions(let count):
            writer.append(tag: Tag.sessions)
            writer.append(count)
        case .table(let table):
            writer.append(tag: Tag.table)
            writer.append(UInt32(clamping: table.limit))
            writer.append(each: table.workers) { $0.append($1.value) }
        }
        return writer.bytes
    }

    /// - Throws: ``CodecError`` for bytes that no encoder writes.
    init(_ bytes: [UInt8]) throws(CodecError) {
        var reader = WireReader(bytes[...])
        switch try reader.tag(Tag.self) {
        case .connection: self = .connection(try Self.beginning(&reader))
        case .more: self = .more(try reader.array())
        case .arrived: self = .arrived(isTaken: try reader.bool())
        case .sessions: self = .sessions(try reader.integer())
        case .table: self = .table(try Self.table(&reader))
        }
        try reader.finish()
    }

    private static func beginning(_ reader: inout WireReader) throws(CodecError) -> Beginning {
        let target = try reader.optional { reader throws(CodecError) in WorkerNumber(try reader.integer(UInt32.self)) }
        let peer = HTTPPeer(address: try reader.text(), isTrusted: try reader.bool(), isSecure: try reader.bool())
        let headers = try reader.each(ofAtLeast: 2 * WireReader.lengthSize) { reader throws(CodecError) in
            HeaderField(name: try reader.text(), value: try reader.text())
        }
        let size = Int(try reader.integer(UInt32.self))
        let received = try reader.slice()
        guard size <= maxSize, received.count <= size else { throw .badValue }
        return Beginning(target: target, peer: peer, refusalHeaders: headers, size: size, received: received)
    }

    private static func table(_ reader: inout WireReader) throws(CodecError) -> SessionRouting.Table {
        let limit = try reader.integer(UInt32.self)
        let workers = try reader.each(ofAtLeast: 4) { reader throws(CodecError) in
            WorkerNumber(try reader.integer(UInt32.self))
        }
        guard zip(workers, workers.dropFirst()).allSatisfy(<) else { throw .badValue }
        return SessionRouting.Table(limit: limit == .max ? .max : Int(limit), workers: workers)
    }
}
