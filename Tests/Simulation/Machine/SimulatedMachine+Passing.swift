import Glibc
import Transport

/// Passing descriptors between simulated processes.
extension SimulatedMachine {
    func makeSocketPair() throws(SystemError) -> (CInt, CInt) {
        let (first, second) = SocketPairEnd.makePair(capacity: kernel.limits.socketPairMessages)
        let descriptor = try process.open(first)
        do {
            return (descriptor, try process.open(second))
        } catch {
            process.close(descriptor)
            throw error
        }
    }

    func send(_ bytes: UnsafeRawBufferPointer, passing descriptor: CInt?, over socket: CInt) -> IOResult {
        guard let end = process.file(socket) as? SocketPairEnd else { return .failed(badDescriptor("sendmsg")) }
        let file = descriptor.flatMap { process.file($0) }
        guard descriptor == nil || file != nil else { return .failed(badDescriptor("sendmsg")) }
        guard process.permitCall() else { return .moved(bytes.count) }
        switch end.send(Array(bytes), passing: file) {
        case nil:
            process.noteProgress()
            return .moved(bytes.count)
        case EAGAIN?: return .wouldBlock
        case let code?: return .failed(SystemError("sendmsg", code: code))
        }
    }

    func receive(
        from socket: CInt, into buffer: UnsafeMutableRawBufferPointer, passed: inout CInt?
    ) -> IOResult {
        passed = nil
        guard let end = process.file(socket) as? SocketPairEnd else { return .failed(badDescriptor("recvmsg")) }
        let message: (bytes: [UInt8], file: OpenFile?)?
        do {
            message = try end.receive()
        } catch {
            return .failed(error)
        }
        guard let (bytes, file) = message else { return .wouldBlock }
        if !bytes.isEmpty { process.noteProgress() }
        if let file {
            passed = try? process.open(file)
            file.release()
        }
        precondition(bytes.count <= buffer.count, "the buffer must have room for the whole message")
        buffer.copyBytes(from: bytes)
        return .moved(bytes.count)
    }
}
