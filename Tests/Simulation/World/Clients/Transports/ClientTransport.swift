import SimulatedMachine

/// How a client is connected: packets of Engine.IO, in both directions.
protocol ClientTransport: AnyObject {
    /// The server has sent what a client cannot understand.
    var protocolError: String? { get }
    /// There is no service at the moment.
    var isUnavailable: Bool { get }
    /// Whether something has arrived that was not read, or the end.
    var hasInput: Bool { get }
    /// Whether the transport is over, and everything that came before was read.
    var isAtEnd: Bool { get }
    /// How it ended, for the trace.
    var ending: String { get }
    /// What the server's close frame said, 0 without one; nil for a transport that is no open WebSocket.
    var openWebSocketCloseCode: Int? { get }

    func send(_ packets: [EnginePacket])
    /// Gives the kernel what it takes.
    func flush()
    /// The packets that have arrived whole.
    func receive(atMost limit: Int) -> [EnginePacket]
    /// Whether the server holds nothing of it any more.
    var isClosedByServer: Bool { get }
    func close(_ reason: TransportEnd, kernel: SimulatedKernel)
}

/// How a client's side of a transport ends.
enum TransportEnd: CaseIterable {
    case closed, reset
    /// The client's machine has gone from the network without a word.
    case silent
}

extension SocketEnd {
    /// Whether something has arrived that was not read, or the end.
    var hasInput: Bool { incoming.arrivedCount > 0 || hasEnded }

    /// Whether nothing more arrives.
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
