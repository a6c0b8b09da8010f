import Glibc
import Transport

/// What the event loop calls.
extension MemoryMachine {
    /// There is no network: a request to another service fails.
    func openConnection(to address: SocketAddress) throws(SystemError) -> CInt {
        throw SystemError("connect", code: ENETUNREACH)
    }

    func connectionError(of descriptor: CInt) -> SystemError? { SystemError("connect", code: ENETUNREACH) }

    // MARK: Pipes

    func makePipe(capacity: Int) throws(SystemError) -> (reading: CInt, writing: CInt) {
        state.withLock { state in
            let (reading, writing) = (state.newDescriptor(), state.newDescriptor())
            state.pipes.add(reading: reading, writing: writing)
            return (reading, writing)
        }
    }

    func read(from descriptor: CInt, into buffer: UnsafeMutableRawBufferPointer) -> IOResult {
        let count = buffer.count
        guard let bytes = state.withLock({ $0.pipes.read(from: descriptor, atMost: count) }) else { return .wouldBlock }
        buffer.copyBytes(from: bytes)
        return .moved(bytes.count)
    }

    func write(_ bytes: UnsafeRawBufferPointer, to descriptor: CInt) -> IOResult {
        let bytes = Array(bytes)
        guard let count = state.withLock({ $0.pipes.write(bytes, to: descriptor) }) else {
            return .failed(SystemError("write", code: EPIPE))
        }
        return count > 0 || bytes.isEmpty ? .moved(count) : .wouldBlock
    }

    // MARK: Sockets

    func makePoller() throws(SystemError) -> any Poller {
        let poller = MemoryPoller(of: self, waiting: try LinuxMachine.shared.makePoller())
        state.withLock { $0.poller = poller }
        return poller
    }

    func listen(on address: SocketAddress) throws(SystemError) -> (descriptor: CInt, address: SocketAddress) {
        (state.withLock { $0.add(MemorySocket()) }, address)
    }

    func accept(from listener: CInt) throws(SystemError) -> (descriptor: CInt, peer: String) {
        let accepted = state.withLock { state -> CInt? in
            state.sockets[listener]?.accept()
        }
        guard let accepted else { throw SystemError("accept", code: EAGAIN) }
        return (accepted, "127.0.0.1")
    }

    func receive(from descriptor: CInt, into buffer: UnsafeMutableRawBufferPointer) -> IOResult {
        let count = buffer.count
        let read = state.withLock { state -> (bytes: [UInt8], isAtEnd: Bool, isReset: Bool) in
            guard let socket = state.sockets[descriptor] else { return ([], true, false) }
            let bytes = state.sockets[descriptor]?.read(atMost: count) ?? []
            return (bytes, socket.hasClientEnded, socket.isReset)
        }
        if read.isReset { return .failed(SystemError("recv", code: ECONNRESET)) }
        guard !read.bytes.isEmpty else { return read.isAtEnd ? .moved(0) : .wouldBlock }
        buffer.copyBytes(from: read.bytes)
        return .moved(read.bytes.count)
    }

    func send(_ bytes: UnsafeRawBufferPointer, to descriptor: CInt) -> IOResult {
        let bytes = Array(bytes)
        let moved = state.withLock { state -> Int? in
            guard let socket = state.sockets[descriptor], !socket.isReset else { return nil }
            guard socket.client != nil else { return bytes.count }
            let count = min(bytes.count, MemorySocket.capacity - socket.outgoing.count)
            state.sockets[descriptor]?.outgoing += bytes.prefix(count)
            return count
        }
        guard let moved else { return .failed(SystemError("send", code: ECONNRESET)) }
        return moved > 0 || bytes.isEmpty ? .moved(moved) : .wouldBlock
    }

    func unacknowledgedBytes(of descriptor: CInt) -> Int {
        state.withLock { $0.sockets[descriptor]?.outgoing.count ?? 0 }
    }

    func shutDownSending(_ descriptor: CInt) {
        state.withLock { $0.sockets[descriptor]?.hasServerEnded = true }
    }

    func reset(_ descriptor: CInt) {
        state.withLock { $0.sockets[descriptor]?.outgoing = [] }
        close(descriptor)
    }

    func close(_ descriptor: CInt) {
        state.withLock { state in
            guard let socket = state.sockets[descriptor] else { return state.pipes.close(descriptor) }
            // Connections that were not accepted end too.
            for connection in socket.pending { state.sockets[connection.descriptor]?.isClosed = true }
            if socket.client == nil {
                state.sockets[descriptor] = nil
            } else {
                state.sockets[descriptor]?.isClosed = true
            }
        }
    }
}
