import Glibc
import Transport

/// A server under test has no other processes and no signals. Its pipes stay in this process.
extension MemoryMachine {
    private static let unsupported = SystemError("memory machine", code: ENOSYS)

    func adoptPipes(reading: CInt, writing: CInt, capacity: Int) -> Int { MemoryPipes.capacity }

    func makeSocketPair() throws(SystemError) -> (CInt, CInt) { throw Self.unsupported }
    func send(_ bytes: UnsafeRawBufferPointer, passing descriptor: CInt?, over socket: CInt) -> IOResult {
        .failed(Self.unsupported)
    }
    func receive(from socket: CInt, into buffer: UnsafeMutableRawBufferPointer, passed: inout CInt?) -> IOResult {
        .failed(Self.unsupported)
    }

    func localAddress(of descriptor: CInt) throws(SystemError) -> SocketAddress { throw Self.unsupported }
    func reserveDescriptor() -> CInt? { nil }
    func duplicate(_ descriptor: CInt) throws(SystemError) -> CInt { throw Self.unsupported }
    func keepFromChildren(_ descriptor: CInt) throws(SystemError) { throw Self.unsupported }

    func spawn(
        _ program: String, arguments: [String], descriptors: [CInt], variables: [String: String],
        blocking signals: [CInt]
    ) throws(SystemError) -> Int32 {
        throw Self.unsupported
    }
    func kill(_ process: Int32) {}
    var processID: Int32 { LinuxMachine.shared.processID }
    func exit(code: CInt) {}
    func reap(_ process: Int32) -> ProcessEnd? { nil }
    func reapForeignChildren(unless isOwn: (Int32) -> Bool) {}
    func receiveSignals(_ signals: [CInt]) throws(SystemError) -> CInt { throw Self.unsupported }
    func nextSignal(from descriptor: CInt) -> CInt? { nil }
}
