/// One end of a TCP connection: an incoming and an outgoing stream.
package final class SocketEnd {
    package let incoming: ByteStream
    package let outgoing: ByteStream
    /// The peer's numeric address.
    package let peer: String
    package private(set) var isClosed = false
    /// The peer's end.
    fileprivate(set) weak var otherEnd: SocketEnd?

    /// True if the peer has closed its end, even if this end has not been notified.
    package var isPeerClosed: Bool { otherEnd?.isClosed != false }

    init(incoming: ByteStream, outgoing: ByteStream, peer: String) {
        self.incoming = incoming
        self.outgoing = outgoing
        self.peer = peer
    }

    /// Closes this end. Unread bytes turn the close into a reset, as in TCP.
    package func close() {
        guard !isClosed else { return }
        isClosed = true
        if incoming.closeReceiver() { outgoing.reset() } else { outgoing.end() }
    }

    /// Resets the connection. Bytes in flight from this end may be lost.
    package func reset() {
        guard !isClosed else { return }
        isClosed = true
        _ = incoming.closeReceiver()
        outgoing.reset()
    }
}

/// A TCP connection between a client and a server.
final class SimulatedConnection {
    let client: SocketEnd
    let server: SocketEnd
    /// True if the network silently drops everything in both directions.
    var isPartitioned = false

    /// - Parameters:
    ///   - clientLimits: the sizes of the client's buffers.
    ///   - serverLimits: the sizes of the server's buffers.
    init(
        client clientLimits: SimulatedKernel.Limits, server serverLimits: SimulatedKernel.Limits,
        clientAddress: String, serverAddress: String
    ) {
        let toServer = ByteStream(
            sendCapacity: clientLimits.sendBuffer, receiveCapacity: serverLimits.receiveBuffer)
        let toClient = ByteStream(
            sendCapacity: serverLimits.sendBuffer, receiveCapacity: clientLimits.receiveBuffer)
        client = SocketEnd(incoming: toClient, outgoing: toServer, peer: serverAddress)
        server = SocketEnd(incoming: toServer, outgoing: toClient, peer: clientAddress)
        client.otherEnd = server
        server.otherEnd = client
    }

    var canDeliver: Bool { !isPartitioned && (client.outgoing.canDeliver || server.outgoing.canDeliver) }

    /// True if both ends are closed and nothing is left to deliver.
    var isFinished: Bool { client.isClosed && server.isClosed && (isPartitioned || !canDeliver) }

    /// Delivers something in one direction, chosen at random.
    func deliver(splits: Bool, _ choices: inout SeededChoices) {
        let isToServer = client.outgoing.canDeliver && (!server.outgoing.canDeliver || choices.chance(perMille: 500))
        let (stream, back) = isToServer ? (client.outgoing, server.outgoing) : (server.outgoing, client.outgoing)
        // As in TCP, a closed end answers bytes with a reset.
        if stream.deliver(splits: splits, &choices) { back.reset() }
    }
}
