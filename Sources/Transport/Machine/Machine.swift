/// The machine that a process runs on: its clocks, its random numbers, and its kernel.
///
/// Everything that the server asks of the operating system while it runs goes through this protocol, so that the same code
/// runs on Linux (``LinuxMachine``) and on a simulated machine. A descriptor is a number in the table of one process. No call
/// but ``Poller/wait(until:into:)`` blocks.
package protocol Machine: AnyObject, Sendable {
    // MARK: Time and chance

    /// The time on a clock that never goes back and also counts while the machine is suspended.
    var now: ContinuousClock.Instant { get }
    /// The time of day, since 1970-01-01 00:00 UTC.
    var wallClock: Duration { get }
    /// 64 bits that nobody can guess.
    func random() -> UInt64

    // MARK: Readiness

    /// - Throws: ``SystemError`` when no descriptor is left.
    func makePoller() throws(SystemError) -> any Poller

    // MARK: Sockets

    /// Binds a socket and begins to listen. Port 0 takes a free one.
    /// - Returns: the socket, and the address with the real port.
    func listen(on address: SocketAddress) throws(SystemError) -> (descriptor: CInt, address: SocketAddress)
    /// The address that a socket is bound to.
    func localAddress(of descriptor: CInt) throws(SystemError) -> SocketAddress
    /// Takes one waiting connection.
    /// - Returns: its socket and the peer's numeric address.
    /// - Throws: ``SystemError`` with `EAGAIN` when none waits, with `EMFILE` or `ENFILE` when no descriptor is left for it.
    func accept(from listener: CInt) throws(SystemError) -> (descriptor: CInt, peer: String)
    /// Reads from a connected socket. Nothing moved is the end of the stream.
    func receive(from descriptor: CInt, into buffer: UnsafeMutableRawBufferPointer) -> IOResult
    /// Offers bytes to a connected socket, which takes a prefix of them.
    func send(_ bytes: UnsafeRawBufferPointer, to descriptor: CInt) -> IOResult
    /// How many bytes the peer's TCP has not acknowledged of those that the socket has taken; the end of the stream counts as
    /// one.
    func unacknowledgedBytes(of descriptor: CInt) -> Int
    /// Ends this side of a connection behind what was sent.
    func shutDownSending(_ descriptor: CInt)
    /// Closes a connection at once: what the peer has not taken is dropped, and the peer is told so.
    func reset(_ descriptor: CInt)

    // MARK: Pipes

    /// Makes a pipe.
    /// - Parameter capacity: how many bytes it should hold.
    func makePipe(capacity: Int) throws(SystemError) -> (reading: CInt, writing: CInt)
    /// Makes ready for use both ends of two pipes to another process, made here or inherited.
    /// - Parameter capacity: how many bytes the pipe that is read from should hold.
    /// - Returns: how many it holds.
    func adoptPipes(reading: CInt, writing: CInt, capacity: Int) -> Int
    /// Reads from a pipe. Nothing moved is the end: no writer is left.
    func read(from descriptor: CInt, into buffer: UnsafeMutableRawBufferPointer) -> IOResult
    /// Offers bytes to a pipe, which takes a prefix of them.
    func write(_ bytes: UnsafeRawBufferPointer, to descriptor: CInt) -> IOResult

    // MARK: Passing descriptors

    /// A pair of connected sockets over which processes pass each other descriptors, in messages that arrive whole and in order.
    func makeSocketPair() throws(SystemError) -> (CInt, CInt)
    /// Offers a message to the other end of a socket pair.
    /// - Parameters:
    ///   - bytes: at least one, and no more than 64 KiB.
    ///   - descriptor: the receiver gets one of its own for the same thing; this one stays the sender's. nil passes none.
    /// - Returns: ``IOResult/wouldBlock`` while too much waits for the receiver.
    func send(_ bytes: UnsafeRawBufferPointer, passing descriptor: CInt?, over socket: CInt) -> IOResult
    /// Takes one message from a socket pair. Nothing moved is the end: the other end is closed.
    /// - Parameters:
    ///   - buffer: has to have room for the whole message.
    ///   - passed: the descriptor that came with it; nil also when this process had none left, and then it is closed.
    func receive(
        from socket: CInt, into buffer: UnsafeMutableRawBufferPointer, passed: inout CInt?
    ) -> IOResult

    // MARK: Descriptors

    /// A descriptor for nothing, to be closed when one is needed and none is left; nil when there is none.
    func reserveDescriptor() -> CInt?
    /// Another descriptor for the same thing.
    func duplicate(_ descriptor: CInt) throws(SystemError) -> CInt
    /// Makes an inherited descriptor stay in this process: programs that it starts do not get it.
    func keepFromChildren(_ descriptor: CInt) throws(SystemError)
    /// Closes a descriptor.
    func close(_ descriptor: CInt)

    // MARK: Processes

    /// Starts a program.
    /// - Parameters:
    ///   - descriptors: what it begins with, numbered from 3 on; beside them it has the standard ones alone.
    ///   - blocking: the signals that are blocked in it from its first instruction on.
    /// - Returns: the process's id.
    func spawn(
        _ program: String, arguments: [String], descriptors: [CInt], blocking signals: [CInt]
    ) throws(SystemError) -> Int32
    /// Ends a process at once.
    func kill(_ process: Int32)
    /// The number of this process.
    var processID: Int32 { get }
    /// Ends this process. On a simulated machine the call returns, and nothing that the process does afterwards has an effect.
    func exit(code: CInt)
    /// How a child ended; nil while it runs. Asked once more after its end, the answer is made up.
    func reap(_ process: Int32) -> ProcessEnd?
    /// Reaps ended children that this program did not start.
    /// - Parameter isOwn: whether a child is one that it started. Such a one is left, and those behind it to the next call.
    func reapForeignChildren(unless isOwn: (Int32) -> Bool)
    /// A descriptor that is readable while one of `signals`, which are blocked, is pending.
    func receiveSignals(_ signals: [CInt]) throws(SystemError) -> CInt
    /// Takes one pending signal; nil when none is.
    func nextSignal(from descriptor: CInt) -> CInt?
}

/// What became of an attempt to move bytes.
package enum IOResult: Equatable {
    /// So many bytes were moved.
    case moved(Int)
    /// Nothing can be moved now.
    case wouldBlock
    case failed(SystemError)
}
