import SimulatedMachine

/// A client's connection that carries Engine.IO packets in both directions.
protocol ClientTransport: AnyObject {
    /// The server's protocol error, if it made one.
    var protocolError: String? { get }
    /// True if the server has responded with 503.
    var isUnavailable: Bool { get }
    /// True if unread bytes or the end of the stream have been delivered.
    var hasInput: Bool { get }
    /// True if the transport has ended and all input was read.
    var isAtEnd: Bool { get }
    /// The reason for the end, for the trace.
    var ending: String { get }
    /// The code of the server's close frame, 0 without one; nil if the transport is not an open WebSocket.
    var openWebSocketCloseCode: Int? { get }

    func send(_ packets: [EnginePacket])
    /// Sends as many buffered bytes as the kernel accepts.
    func flush()
    /// Reads input and returns the complete packets.
    func receive(atMost limit: Int) -> [EnginePacket]
    /// True if the server has closed all connections of the transport.
    var isClosedByServer: Bool { get }
    func close(_ reason: TransportEnd, kernel: SimulatedKernel)
}

/// The ways in which a client ends its side of a transport.
enum TransportEnd: CaseIterable {
    case closed, reset
    /// The client's machine has vanished from the network without notice.
    case silent
}

extension SocketEnd {
    /// True if unread bytes or the end of the stream have been delivered.
    var hasInput: Bool { incoming.arrivedCount > 0 || hasEnded }

    /// True if no more bytes can arrive.
    var hasEnded: Bool { incoming.hasResetArrived || incoming.isAtEnd }

    func close(_ reason: TransportEnd, kernel: SimulatedKernel) {
        switch reason {
        case .closed: close()
        case .reset: reset()
        case .silent:
            kernel.partition(self)
            reset()
        }
    }
}
