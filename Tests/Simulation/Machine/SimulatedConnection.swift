/// One end of a connection: what it receives and what it sends.
package final class SocketEnd {
    package let incoming: ByteStream
    package let outgoing: ByteStream
    /// The other end's numeric address.
    package let peer: String
    package private(set) var isClosed = false
    /// The other end.
    fileprivate(set) weak var otherEnd: SocketEnd?

    /// Whether the other side has closed its end, known here or not.
    package var isPeerClosed: Bool { otherEnd?.isClosed != false }

    init(incoming: ByteStream, outgoing: ByteStream, peer: String) {
        self.incoming = incoming
        self.outgoing = outgoing
        self.peer = peer
    }

    /// Closes this end: bytes that it has not read reset the connection, as TCP does.
    package func close() {
        guard !isClosed else { return }
        isClosed = true
        if incoming.closeReceiver() { outgoing.reset() } else { outgoing.end() }
    }

    /// Closes this end, and what it has sent is forgotten.
    package func reset() {
        guard !isClosed else { return }
        isClosed = true
        _ = incoming.closeReceiver()
        outgoing.reset()
    }
}

/// A connection in the network.
final class SimulatedConnection {
    let client: SocketEnd
    let server: SocketEnd
    /// Nothing arrives any more, in either direction, and nobody is told.
    var isPartitioned = false

    /// - Parameters:
    ///   - clientLimits: how large the client's buffers are.
    ///   - serverLimits: how large the server's are.
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

    /// Nothing can happen to it any more.
    var isFinished: Bool { client.isClosed && server.isClosed && (isPartitioned || !canDeliver) }

    /// Brings something of one direction to its receiver.
    func deliver(splits: Bool, _ choices: inout SeededChoices) {
        let isToServer = client.outgoing.canDeliver && (!server.outgoing.canDeliver || choices.chance(perMille: 500))
        let (stream, back) = isToServer ? (client.outgoing, server.outgoing) : (server.outgoing, client.outgoing)
        // A receiver that has gone answers bytes with a reset.
        if stream.deliver(splits: splits, &choices) { back.reset() }
    }
}
