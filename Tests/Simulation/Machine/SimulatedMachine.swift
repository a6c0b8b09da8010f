import Glibc
import Transport

/// The machine as one simulated process sees it.
///
/// Safety of `@unchecked Sendable`: a simulation has one thread, and all calls happen within a turn of the process.
final class SimulatedMachine: Machine, @unchecked Sendable {
    let process: SimulatedProcess
    let kernel: SimulatedKernel

    init(of process: SimulatedProcess) {
        self.process = process
        kernel = process.kernel
    }

    var now: ContinuousClock.Instant { kernel.now }
    /// The time since 1970. Each run starts in November 2025.
    var wallClock: Duration { .seconds(1_764_000_000) + kernel.elapsed }
    func random() -> UInt64 { kernel.choices.next() }
    func makePoller() throws(SystemError) -> any Poller { process.makePoller() }

    func badDescriptor(_ call: String) -> SystemError { SystemError(call, code: EBADF) }

    // MARK: Sockets

    func listen(on address: SocketAddress) throws(SystemError) -> (descriptor: CInt, address: SocketAddress) {
        guard !process.hasEnded else { throw badDescriptor("listen") }
        let file = try kernel.listen(on: address)
        return (try process.open(file), file.address)
    }

    func localAddress(of descriptor: CInt) throws(SystemError) -> SocketAddress {
        guard let file = process.file(descriptor) as? ListenerFile else { throw badDescriptor("getsockname") }
        return file.address
    }

    func accept(from listener: CInt) throws(SystemError) -> (descriptor: CInt, peer: String) {
        guard let file = process.file(listener) as? ListenerFile else { throw badDescriptor("accept4") }
        guard let end = file.backlog.first else { throw SystemError("accept4", code: EAGAIN) }
        guard !kernel.choices.chance(perMille: 5) else { throw SystemError("accept4", code: ECONNABORTED) }
        let descriptor = try process.open(SocketFile(end))
        file.backlog.removeFirst()
        return (descriptor, end.peer)
    }

    private func socket(_ descriptor: CInt) -> SocketEnd? { (process.file(descriptor) as? SocketFile)?.end }

    func receive(from descriptor: CInt, into buffer: UnsafeMutableRawBufferPointer) -> IOResult {
        guard let end = socket(descriptor) else { return .failed(badDescriptor("recv")) }
        if end.incoming.hasResetArrived { return .failed(SystemError("recv", code: ECONNRESET)) }
        guard end.incoming.arrivedCount > 0 else { return end.incoming.isAtEnd ? .moved(0) : .wouldBlock }
        let bytes = end.incoming.read(atMost: part(of: min(buffer.count, end.incoming.arrivedCount)))
        buffer.copyBytes(from: bytes)
        process.noteProgress()
        return .moved(bytes.count)
    }

    func send(_ bytes: UnsafeRawBufferPointer, to descriptor: CInt) -> IOResult {
        guard process.permitCall() else { return .moved(bytes.count) }
        guard let end = socket(descriptor) else { return .failed(badDescriptor("send")) }
        if end.incoming.hasResetArrived { return .failed(SystemError("send", code: EPIPE)) }
        guard end.outgoing.space > 0 else { return .wouldBlock }
        let count = part(of: min(bytes.count, end.outgoing.space))
        end.outgoing.append(bytes.prefix(count))
        process.noteProgress()
        return .moved(count)
    }

    /// Returns `count`, or sometimes less to simulate a partial read or write.
    private func part(of count: Int) -> Int {
        kernel.splitsBytes && kernel.choices.chance(perMille: 150) ? kernel.choices.within(1...count) : count
    }

    func unacknowledgedBytes(of descriptor: CInt) -> Int { socket(descriptor)?.outgoing.unacknowledgedCount ?? 0 }

    func shutDownSending(_ descriptor: CInt) {
        guard process.permitCall() else { return }
        socket(descriptor)?.outgoing.end()
    }

    func reset(_ descriptor: CInt) {
        guard process.permitCall() else { return }
        socket(descriptor)?.reset()
        process.close(descriptor)
    }

    // MARK: Pipes

    func makePipe(capacity: Int) throws(SystemError) -> (reading: CInt, writing: CInt) {
        let pipe = SimulatedPipe(capacity: min(capacity, kernel.limits.pipe))
        let reading = try process.open(PipeReadEnd(pipe))
        do {
            return (reading, try process.open(PipeWriteEnd(pipe)))
        } catch {
            process.close(reading)
            throw error
        }
    }

    func adoptPipes(reading: CInt, writing: CInt, capacity: Int) -> Int {
        (process.file(reading) as? PipeReadEnd)?.pipe.capacity ?? 0
    }

    func read(from descriptor: CInt, into buffer: UnsafeMutableRawBufferPointer) -> IOResult {
        guard let pipe = (process.file(descriptor) as? PipeReadEnd)?.pipe else {
            return .failed(badDescriptor("read"))
        }
        guard !pipe.bytes.isEmpty else { return pipe.hasWriter ? .wouldBlock : .moved(0) }
        let count = part(of: min(buffer.count, pipe.bytes.count))
        buffer.copyBytes(from: pipe.bytes.prefix(count))
        pipe.bytes.removeFirst(count)
        process.noteProgress()
        return .moved(count)
    }

    func write(_ bytes: UnsafeRawBufferPointer, to descriptor: CInt) -> IOResult {
        guard let pipe = (process.file(descriptor) as? PipeWriteEnd)?.pipe else {
            return .failed(badDescriptor("write"))
        }
        guard process.permitCall() else { return .moved(bytes.count) }
        guard pipe.hasReader else { return .failed(SystemError("write", code: EPIPE)) }
        guard pipe.bytes.count < pipe.capacity else { return .wouldBlock }
        let count = part(of: min(bytes.count, pipe.capacity - pipe.bytes.count))
        pipe.bytes.append(contentsOf: bytes.prefix(count))
        process.noteProgress()
        return .moved(count)
    }

    // MARK: Descriptors

    func reserveDescriptor() -> CInt? { try? process.open(ReservedFile()) }

    func duplicate(_ descriptor: CInt) throws(SystemError) -> CInt {
        guard let file = process.file(descriptor) else { throw badDescriptor("fcntl") }
        return try process.open(file)
    }

    func keepFromChildren(_ descriptor: CInt) throws(SystemError) {
        guard process.file(descriptor) != nil else { throw badDescriptor("fcntl") }
    }

    func close(_ descriptor: CInt) {
        process.close(descriptor)
    }

    // MARK: Processes

    func spawn(
        _ program: String, arguments: [String], descriptors: [CInt], variables: [String: String],
        blocking signals: [CInt]
    ) throws(SystemError) -> Int32 {
        var files: [OpenFile] = []
        for descriptor in descriptors {
            guard let file = process.file(descriptor) else { throw badDescriptor("posix_spawn") }
            files.append(file)
        }
        let kernel = kernel
        return kernel.start(parent: process.id, arguments: arguments, files: files) { kernel.childMain($0) }.id
    }

    func kill(_ process: Int32) {
        guard self.process.permitCall() else { return }
        kernel.killAfterTurn(process)
    }

    var processID: Int32 { process.id }

    func exit(code: CInt) {
        process.exit(code: code)
    }

    func reap(_ process: Int32) -> ProcessEnd? { kernel.reap(process) }

    func reapForeignChildren(unless isOwn: (Int32) -> Bool) {}

    func receiveSignals(_ signals: [CInt]) throws(SystemError) -> CInt {
        try process.open(SignalFile(signals, of: process))
    }

    func nextSignal(from descriptor: CInt) -> CInt? {
        guard let file = process.file(descriptor) as? SignalFile else { return nil }
        return process.takeSignal(of: file.signals)
    }
}
