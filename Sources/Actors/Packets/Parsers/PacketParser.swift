/// The format of Socket.IO packets on the wire (Node's option `parser`). Every client of a server must use the server's
/// format.
///
/// The server converts between packets and the format where messages enter and leave it. Handlers, recovery and the
/// other workers see the same packets with every parser. A packet is encoded once for all clients of a worker that get
/// the same event, but a server with the default parser does less work, because it does not convert.
public protocol PacketParser: Sendable {
    /// Encodes a packet for clients. Runs on the event loop. Must not call the server or its sockets.
    /// - Parameter packet: A packet of any type. Its ``Packet/payload`` contains placeholders for its attachments.
    ///   Its ``Packet/acknowledgementID`` has at most 15 digits.
    /// - Returns: The messages to send, in order.
    /// - Throws: An error if the format cannot represent the packet. The server reports it and does not send the
    ///   packet.
    func encode(_ packet: Packet) throws -> [EngineMessage]

    /// Makes the decoder of a new connection.
    func makeDecoder() -> any PacketDecoding
}

/// The part of a ``PacketParser`` that decodes the messages of one connection.
public protocol PacketDecoding: Sendable {
    /// The size in bytes of what the decoder holds of an incomplete packet. It counts towards
    /// ``ServerOptions/maxInputMemory``. 0 by default, for formats with one message for each packet.
    var heldBytes: Int { get }

    /// Decodes the next message of the connection. Its size is at most ``EngineOptions/maxPayload``. The decoder must
    /// limit the size of what it makes of it. Runs on the event loop.
    /// - Returns: A packet, or nil if more messages belong to it.
    /// - Throws: An error if the message is not a packet. The server reports it and closes the connection ("parse
    ///   error"), as it does after a packet that only a server may send and after an event with a reserved name.
    mutating func receive(_ message: EngineMessage) throws -> Packet?
}

extension PacketDecoding {
    public var heldBytes: Int { 0 }
}
