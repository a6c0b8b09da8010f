import Transport

extension PassedConnection {
    /// The largest number of received bytes in one message.
    private static let pieceSize = 8 << 10
    /// The largest size of the header fields of a refusal, in bytes. Longer ones are omitted.
    private static let maxHeaders = 4 << 10

    /// The messages that carry the connection, without its descriptor, which goes with the first one.
    /// - Parameter target: the worker that it is passed to; nil for the one with the fewest sessions.
    func messages(to target: WorkerNumber?) -> [HandoverMessage] {
        let headers = refusalHeaders.map { HandoverMessage.HeaderField(name: $0.0, value: $0.1) }
        let headerSize = headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 8 }
        var messages = [
            HandoverMessage.connection(
                HandoverMessage.Beginning(
                    target: target, peer: peer, refusalHeaders: headerSize <= Self.maxHeaders ? headers : [],
                    size: received.count, received: received.prefix(Self.pieceSize)))
        ]
        for start in stride(from: Self.pieceSize, to: received.count, by: Self.pieceSize) {
            messages.append(.more(Array(received[start..<min(start + Self.pieceSize, received.count)])))
        }
        return messages
    }
}

/// Puts the messages of connections together. One side of a ``PassingSocket`` sends one connection after the other.
struct HandoverAssembly {
    /// A complete connection.
    struct Arrival {
        /// Nil if this process had no descriptor left for it.
        let descriptor: CInt?
        let beginning: HandoverMessage.Beginning
        let received: [UInt8]

        /// The connection, if its descriptor has arrived.
        var connection: PassedConnection? {
            descriptor.map {
                PassedConnection(
                    descriptor: $0, peer: beginning.peer, received: received,
                    refusalHeaders: beginning.refusalHeaders.map { ($0.name, $0.value) })
            }
        }
    }

    private var beginning: HandoverMessage.Beginning?
    private var received: [UInt8] = []
    /// The descriptor of the connection that is not complete; its owner must close it if the other side ends.
    private(set) var descriptor: CInt?

    /// Takes the beginning of a connection.
    /// - Returns: the connection, if it is complete.
    /// - Throws: ``CodecError`` if the previous one is not complete. The caller still owns the descriptor then.
    mutating func begin(_ beginning: HandoverMessage.Beginning, _ descriptor: CInt?) throws(CodecError) -> Arrival? {
        guard self.beginning == nil else { throw .unexpectedFrame }
        self.beginning = beginning
        self.descriptor = descriptor
        received = Array(beginning.received)
        return takeIfComplete()
    }

    /// Takes more bytes of the connection.
    /// - Returns: the connection, if it is complete.
    /// - Throws: ``CodecError`` if there is no such connection, or if the bytes are too many.
    mutating func add(_ bytes: [UInt8]) throws(CodecError) -> Arrival? {
        guard let beginning, received.count + bytes.count <= beginning.size else { throw .unexpectedFrame }
        received += bytes
        return takeIfComplete()
    }

    private mutating func takeIfComplete() -> Arrival? {
        guard let beginning, received.count == beginning.size else { return nil }
        defer { self = HandoverAssembly() }
        return Arrival(descriptor: descriptor, beginning: beginning, received: received)
    }
}
