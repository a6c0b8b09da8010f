/// The machine that a process runs on: its clocks, its random numbers and its kernel.
///
/// Event loops, sockets, pipes and processes reach the operating system only through this protocol, so that the same
/// code runs on Linux (``LinuxMachine``) and on a simulated machine. Files and name resolution do not go through it. A
/// descriptor is a number in the table of one process. Only ``Poller/wait(until:into:)`` blocks.
package protocol Machine: AnyObject, Sendable {
    // MARK: Time and randomness

    /// The time of a monotonic clock that keeps running while the machine is suspended.
    var now: ContinuousClock.Instant { get }
    /// The time since 1970-01-01 00:00 UTC.
    var wallClock: Duration { get }
    /// Returns 64 unpredictable random bits.
    func random() -> UInt64

    // MARK: Readiness

    /// Makes a poller for one event loop.
    /// - Throws: ``SystemError`` if no descriptor is left.
    func makePoller() throws(SystemError) -> any Poller

    // MARK: Sockets

    /// Binds a socket and begins to listen. Port 0 selects a free port. The file of a Unix domain socket whose server
    /// has ended is replaced.
    /// - Returns: the socket, and the address with the actual port.
    func listen(on address: SocketAddress) throws(SystemError) -> (descriptor: CInt, address: SocketAddress)
    /// The address that a socket is bound to.
    func localAddress(of descriptor: CInt) throws(SystemError) -> SocketAddress
    /// Accepts one pending connection.
    /// - Returns: its socket, and the peer's numeric address, which is empty for a Unix domain socket.
    /// - Throws: ``SystemError`` with `EAGAIN` if none is pending, with `EMFILE` or `ENFILE` if no descriptor is left
    ///   for it.
    func accept(from listener: CInt) throws(SystemError) -> (descriptor: CInt, peer: String)
    /// Begins to connect to a server. The socket becomes writable when the attempt has ended.
    /// - Throws: ``SystemError`` if the attempt fails at once.
    func openConnection(to address: SocketAddress) throws(SystemError) -> CInt
    /// The result of an attempt to connect that has ended; nil if it has succeeded.
    func connectionError(of descriptor: CInt) -> SystemError?
    /// Reads from a connected socket. `.moved(0)` is the end of the stream.
    func receive(from descriptor: CInt, into buffer: UnsafeMutableRawBufferPointer) -> IOResult
    /// Writes bytes to a connected socket, which may accept only the first of them.
    func send(_ bytes: UnsafeRawBufferPointer, to descriptor: CInt) -> IOResult
    /// The number of bytes accepted by the socket and not yet acknowledged by the peer's TCP. The end of the stream
    /// counts as one byte.
    func unacknowledgedBytes(of descriptor: CInt) -> Int
    /// Shuts down the sending side of a connection, after the bytes already sent.
    func shutDownSending(_ descriptor: CInt)
    /// Resets a connection: unsent bytes are discarded, and the peer is notified by RST.
    func reset(_ descriptor: CInt)

    // MARK: Pipes

    /// Makes a pipe.
    /// - Parameter capacity: the requested capacity in bytes.
    func makePipe(capacity: Int) throws(SystemError) -> (reading: CInt, writing: CInt)
    /// Prepares this process's ends of two pipes to another process. The pipes were made here or inherited.
    /// - Parameter capacity: the requested capacity in bytes of the pipe that is read from.
    /// - Returns: the actual capacity.
    func adoptPipes(reading: CInt, writing: CInt, capacity: Int) -> Int
    /// Reads from a pipe. `.moved(0)` is the end of the stream: no writer is left.
    func read(from descriptor: CInt, into buffer: UnsafeMutableRawBufferPointer) -> IOResult
    /// Writes bytes to a pipe, which may accept only the first of them.
    func write(_ bytes: UnsafeRawBufferPointer, to descriptor: CInt) -> IOResult

    // MARK: Passing descriptors

    /// Makes a pair of connected sockets over which processes pass descriptors. Messages arrive whole and in order.
    func makeSocketPair() throws(SystemError) -> (CInt, CInt)
    /// Sends a message to the other end of a socket pair.
    /// - Parameters:
    ///   - bytes: 1 byte to 64 KiB.
    ///   - descriptor: the descriptor to pass; the receiver gets a duplicate, and the sender keeps its own. nil passes
    ///     none.
    /// - Returns: ``IOResult/wouldBlock`` while too many messages or descriptors wait for their receivers. If
    ///   descriptors are the cause, the socket may be reported as writable all the same.
    func send(_ bytes: UnsafeRawBufferPointer, passing descriptor: CInt?, over socket: CInt) -> IOResult
    /// Receives one message from a socket pair. `.moved(0)` means that the other end is closed.
    /// - Parameters:
    ///   - buffer: must have room for the whole message.
    ///   - passed: the descriptor that came with the message. nil if none came, or if this process had no free
    ///     descriptor, in which case the kernel has closed the passed one.
    func receive(
        from socket: CInt, into buffer: UnsafeMutableRawBufferPointer, passed: inout CInt?
    ) -> IOResult

    // MARK: Descriptors

    /// Opens a placeholder descriptor. Closing it frees a descriptor when no other is left. nil if none can be opened.
    func reserveDescriptor() -> CInt?
    /// Duplicates a descriptor.
    func duplicate(_ descriptor: CInt) throws(SystemError) -> CInt
    /// Marks an inherited descriptor close-on-exec.
    func keepFromChildren(_ descriptor: CInt) throws(SystemError)
    /// Closes a descriptor.
    func close(_ descriptor: CInt)

    // MARK: Processes

    /// Starts a program.
    /// - Parameters:
    ///   - descriptors: the descriptors that the program gets, numbered from 3. It inherits no others except the
    ///     standard ones.
    ///   - variables: environment variables that the program gets in addition to those of this process.
    ///   - signals: the signals that are blocked when it starts.
    /// - Returns: the process id.
    func spawn(
        _ program: String, arguments: [String], descriptors: [CInt], variables: [String: String],
        blocking signals: [CInt]
    ) throws(SystemError) -> Int32
    /// Kills a process with SIGKILL.
    func kill(_ process: Int32)
    /// The id of this process.
    var processID: Int32 { get }
    /// Ends this process. On a simulated machine the call returns, and later calls of the process have no effect.
    func exit(code: CInt)
    /// Reaps a child.
    /// - Returns: how it ended; nil while it runs. The result for a child that was already reaped is meaningless.
    func reap(_ process: Int32) -> ProcessEnd?
    /// Reaps ended children that this program did not start.
    /// - Parameter isOwn: returns true for a child that this program started. Reaping stops at the first such child,
    ///   and the next call continues.
    func reapForeignChildren(unless isOwn: (Int32) -> Bool)
    /// Opens a descriptor that is readable while one of `signals`, which must be blocked, is pending.
    func receiveSignals(_ signals: [CInt]) throws(SystemError) -> CInt
    /// Receives one pending signal; nil if none is pending.
    func nextSignal(from descriptor: CInt) -> CInt?
}

/// The result of an attempt to transfer bytes.
package enum IOResult: Equatable {
    /// The number of bytes that were transferred.
    case moved(Int)
    /// Nothing can be transferred now.
    case wouldBlock
    case failed(SystemError)
}
