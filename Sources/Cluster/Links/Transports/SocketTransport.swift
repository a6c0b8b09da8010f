import Glibc
import Synchronization
import Transport

/// A link over a connected stream socket: TCP between machines, or a Unix socket.
///
/// The bytes are sent as they are, so use it in a network that only your own machines can reach, or through an
/// encrypted tunnel. The link is not authenticated: anyone who reaches the hub's port can read and send every event and
/// disconnect every client.
public final class SocketTransport: LinkTransport {
    private enum State {
        case unused(CInt)
        case connected(LoopBound<Connection>)
        case closed
    }

    /// How long each address of a host may take to accept.
    private static let connectTimeout = Duration.seconds(10)

    private let state: Mutex<State>

    /// Takes ownership of a connected socket.
    /// - Parameter descriptor: a stream socket. It becomes non-blocking, and sends without delay (`TCP_NODELAY`).
    public init(_ descriptor: CInt) {
        state = Mutex(.unused(descriptor))
    }

    /// Connects by TCP. Blocks the thread until the connection is made or refused, for at most ten seconds for each
    /// address of the host. So do not call it on an event loop.
    /// - Parameters:
    ///   - host: the name or address of the machine that the hub runs on.
    ///   - port: the port that its program listens on.
    /// - Throws: ``SocketAddress/ResolutionError``, or ``SystemError`` if no address of the host can be connected to;
    ///   its code is `ETIMEDOUT` if the last address did not answer in time.
    public convenience init(connectingTo host: String, port: UInt16) throws {
        self.init(try Self.connect(to: try SocketAddress.resolve(host: host, port: port)))
    }

    /// - Returns: a socket that is connected to the first of the addresses that accepts.
    private static func connect(to addresses: [SocketAddress]) throws(SystemError) -> CInt {
        var failure = SystemError("connect", code: EADDRNOTAVAIL)
        for address in addresses {
            do throws(SystemError) {
                return try BlockingConnection.open(to: address, within: connectTimeout)
            } catch {
                failure = error
            }
        }
        throw failure
    }

    deinit {
        state.withLock { if case .unused(let descriptor) = $0 { _ = Glibc.close(descriptor) } }
    }

    public func start(on loop: EventLoop, _ receiver: LinkReceiver) {
        let descriptor: CInt? = state.withLock { state in
            guard case .unused(let descriptor) = state else { return nil }
            state = .closed
            return descriptor
        }
        guard let descriptor else { return receiver.ended(SystemError("second use", code: EBADF)) }
        do {
            let connection = try Connection(descriptor, on: loop, receiver)
            let bound = LoopBound(connection, to: loop)
            state.withLock { $0 = .connected(bound) }
            try connection.open()
        } catch {
            receiver.ended(error)
        }
    }

    public func send(_ bytes: [UInt8]) {
        connection?.send(bytes)
    }

    public func close() {
        let connection = connection
        let unused: CInt? = state.withLock { state in
            defer { state = .closed }
            if case .unused(let descriptor) = state { return descriptor }
            return nil
        }
        if let unused { _ = Glibc.close(unused) }
        connection?.close()
    }

    private var connection: Connection? {
        let bound: LoopBound<Connection>? = state.withLock { state in
            if case .connected(let connection) = state { connection } else { nil }
        }
        return bound?.value
    }
}

/// The socket on its loop, read and written like a pair of pipes.
private final class Connection: PipeHandler {
    private let pipes: PipePair
    private let receiver: LinkReceiver

    /// - Throws: ``SystemError`` if no descriptor is left. The socket is then closed.
    init(_ descriptor: CInt, on loop: EventLoop, _ receiver: LinkReceiver) throws(SystemError) {
        self.receiver = receiver
        let machine = loop.machine
        do throws(SystemError) {
            try machine.keepFromChildren(descriptor)
            var isSet: CInt = 1
            // Fails for a Unix socket, which sends without delay anyway.
            setsockopt(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &isSet, socklen_t(MemoryLayout<CInt>.size))
            guard fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK) == 0 else {
                throw SystemError("fcntl")
            }
            // The loop watches reading and writing separately, so each needs a descriptor.
            let writing = try machine.duplicate(descriptor)
            pipes = PipePair(PipePair.Ends(reading: descriptor, writing: writing, on: machine), on: loop)
        } catch {
            machine.close(descriptor)
            throw error
        }
    }

    func open() throws(SystemError) { try pipes.open(for: self) }

    func send(_ bytes: [UInt8]) { pipes.send(bytes) }

    func close() { pipes.close() }

    // MARK: Pipes

    func pipeRead(_ bytes: RawSpan) { receiver.received(bytes) }

    func pipeWrote(_ count: Int) { receiver.accepted(count) }

    /// Does nothing: each write was reported.
    func pipeAccepted() {}

    func pipeEnded() { receiver.ended() }
}
