import Glibc
import Testing

@testable import Transport

@Suite("Descriptors passed between processes")
struct PassedDescriptorTests {
    private let machine = LinuxMachine.shared

    private func send(_ text: String, passing descriptor: CInt? = nil, over socket: CInt) -> IOResult {
        var text = text
        return text.withUTF8 { machine.send(UnsafeRawBufferPointer($0), passing: descriptor, over: socket) }
    }

    private func receive(from socket: CInt) -> (result: IOResult, text: String, passed: CInt?) {
        var buffer = [UInt8](repeating: 0, count: 100)
        var passed: CInt?
        let result = buffer.withUnsafeMutableBytes { machine.receive(from: socket, into: $0, passed: &passed) }
        guard case .moved(let count) = result else { return (result, "", passed) }
        return (result, String(decoding: buffer[..<count], as: UTF8.self), passed)
    }

    /// Reads what a pipe has now.
    private func read(from pipe: CInt) -> IOResult {
        var buffer = [UInt8](repeating: 0, count: 10)
        return buffer.withUnsafeMutableBytes { machine.read(from: pipe, into: $0) }
    }

    @Test("a descriptor arrives with its message and refers to the same pipe")
    func passed() throws {
        let (near, far) = try machine.makeSocketPair()
        let pipe = try machine.makePipe(capacity: 4096)
        #expect(send("one", passing: pipe.writing, over: near) == .moved(3))
        #expect(send("two", over: near) == .moved(3))
        machine.close(pipe.writing)
        let first = receive(from: far)
        #expect(first.text == "one")
        let writing = try #require(first.passed)
        #expect(fcntl(writing, F_GETFD) & FD_CLOEXEC != 0)
        let second = receive(from: far)
        #expect(second.text == "two")
        #expect(second.passed == nil)
        #expect(receive(from: far).result == .wouldBlock)
        #expect([UInt8]("hi".utf8).withUnsafeBytes { machine.write($0, to: writing) } == .moved(2))
        #expect(read(from: pipe.reading) == .moved(2))
        for descriptor in [near, far, writing, pipe.reading] { machine.close(descriptor) }
    }

    /// Sends a message with two descriptors, which this server never does.
    private func sendTwo(_ first: CInt, _ second: CInt, over socket: CInt) {
        var control = (MemoryLayout<cmsghdr>.size + 8, SOL_SOCKET, CInt(SCM_RIGHTS), first, second)
        var text: UInt8 = 0x78
        let count = withUnsafeMutablePointer(to: &control) { control in
            withUnsafeMutablePointer(to: &text) { text in
                var piece = iovec(iov_base: text, iov_len: 1)
                return withUnsafeMutablePointer(to: &piece) { piece in
                    var message = msghdr()
                    message.msg_iov = piece
                    message.msg_iovlen = 1
                    message.msg_control = UnsafeMutableRawPointer(control)
                    message.msg_controllen = MemoryLayout<cmsghdr>.size + 8
                    return sendmsg(socket, &message, 0)
                }
            }
        }
        #expect(count == 1)
    }

    @Test("of two descriptors in one message the kernel closes the second")
    func surplus() throws {
        let (near, far) = try machine.makeSocketPair()
        let pipe = try machine.makePipe(capacity: 4096)
        sendTwo(pipe.reading, pipe.writing, over: near)
        machine.close(pipe.writing)
        let received = receive(from: far)
        #expect(received.text == "x")
        let reading = try #require(received.passed)
        #expect(read(from: reading) == .moved(0), "a copy of the writing end is still open")
        for descriptor in [near, far, reading, pipe.reading] { machine.close(descriptor) }
    }

    @Test("a descriptor in flight is closed if the receiver closes")
    func inFlight() throws {
        let (near, far) = try machine.makeSocketPair()
        let pipe = try machine.makePipe(capacity: 4096)
        #expect(send("one", passing: pipe.writing, over: near) == .moved(3))
        machine.close(pipe.writing)
        #expect(read(from: pipe.reading) == .wouldBlock)
        machine.close(far)
        #expect(read(from: pipe.reading) == .moved(0))
        #expect(receive(from: near).result == .failed(SystemError("recvmsg", code: ECONNRESET)))
        #expect(send("two", over: near) == .failed(SystemError("sendmsg", code: EPIPE)))
        machine.close(near)
        machine.close(pipe.reading)
    }

    @Test("a full queue refuses messages until one is received, and the end follows the messages")
    func full() throws {
        let (near, far) = try machine.makeSocketPair()
        var count = 0
        while count < 100_000, send("x", over: near) == .moved(1) { count += 1 }
        #expect(count > 0 && count < 100_000)
        #expect(send("x", over: near) == .wouldBlock)
        for _ in 0..<count { #expect(receive(from: far).text == "x") }
        #expect(send("y", over: near) == .moved(1))
        machine.close(near)
        #expect(receive(from: far).text == "y")
        #expect(receive(from: far).result == .moved(0))
        machine.close(far)
    }
}
