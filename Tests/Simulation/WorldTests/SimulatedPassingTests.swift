import Glibc
import SimulatedMachine
import Testing
import Transport

@Suite("Descriptors passed between simulated processes")
struct SimulatedPassingTests {
    /// Two processes, one of which has started the other, joined by a socket pair.
    private struct Pair {
        let kernel = SimulatedKernel(seed: 1)
        let sender: SimulatedProcess
        let receiver: SimulatedProcess
        /// The descriptor of the sender's end.
        let near: CInt
        /// The descriptor of the receiver's end: the first one that it inherited.
        let far: CInt = 3

        init() throws {
            sender = kernel.start { _ in }
            let (near, far) = try sender.machine.makeSocketPair()
            self.near = near
            let id = try sender.machine.spawn(
                "receiver", arguments: [], descriptors: [far], variables: [:], blocking: [])
            sender.machine.close(far)
            receiver = try #require(kernel.processes.first { $0.id == id })
        }

        func send(_ text: String = "x", passing descriptor: CInt? = nil) -> IOResult {
            Array(text.utf8).withUnsafeBytes { sender.machine.send($0, passing: descriptor, over: near) }
        }

        func receive() -> (result: IOResult, passed: CInt?) {
            var buffer = [UInt8](repeating: 0, count: 100)
            var passed: CInt?
            let result = buffer.withUnsafeMutableBytes {
                receiver.machine.receive(from: far, into: $0, passed: &passed)
            }
            return (result, passed)
        }

        func listen(on port: UInt16) throws -> CInt {
            let address = try SocketAddress.resolve(host: "127.0.0.1", port: port)[0]
            return try sender.machine.listen(on: address).descriptor
        }

        /// Accepts a connection in the sender.
        func accept(from listener: CInt) throws -> CInt {
            for _ in 0..<100 {
                // The simulated machine sometimes aborts a connection.
                if let accepted = try? sender.machine.accept(from: listener) { return accepted.descriptor }
            }
            throw SystemError("accept4", code: ECONNABORTED)
        }
    }

    @Test("a passed listener stays open in the receiving process")
    func listener() throws {
        let pair = try Pair()
        let listener = try pair.listen(on: 80)
        #expect(pair.send(passing: listener) == .moved(1))
        pair.sender.machine.close(listener)
        #expect(pair.kernel.isListening(80))
        let passed = try #require(pair.receive().passed)
        #expect(try pair.receiver.machine.localAddress(of: passed).port == 80)
        pair.receiver.machine.close(passed)
        #expect(!pair.kernel.isListening(80))
    }

    @Test("a passed connection stays open in the receiving process")
    func connection() throws {
        let pair = try Pair()
        let listener = try pair.listen(on: 80)
        let client = try #require(pair.kernel.connect(to: 80, from: "127.0.0.2"))
        let accepted = try pair.accept(from: listener)
        #expect(pair.send(passing: accepted) == .moved(1))
        pair.sender.machine.close(accepted)
        let passed = try #require(pair.receive().passed)
        #expect(!client.isPeerClosed)
        let sent = Array("hello".utf8).withUnsafeBytes { pair.receiver.machine.send($0, to: passed) }
        guard case .moved = sent else {
            Issue.record("the send failed: \(sent)")
            return
        }
        while pair.kernel.isNetworkBusy { pair.kernel.deliverOne() }
        #expect(client.incoming.arrivedCount > 0)
        pair.receiver.machine.close(passed)
        #expect(client.isPeerClosed)
    }

    @Test("a descriptor in flight to a process that ends is closed")
    func inFlight() throws {
        let pair = try Pair()
        let listener = try pair.listen(on: 80)
        #expect(pair.send(passing: listener) == .moved(1))
        pair.sender.machine.close(listener)
        pair.kernel.kill(pair.receiver.id)
        #expect(!pair.kernel.isListening(80))
        #expect(pair.send() == .failed(SystemError("sendmsg", code: ECONNRESET)))
        #expect(pair.send() == .failed(SystemError("sendmsg", code: EPIPE)))
    }

    @Test("a process at its descriptor limit receives the message without the descriptor")
    func noneLeft() throws {
        let pair = try Pair()
        let listener = try pair.listen(on: 80)
        #expect(pair.send(passing: listener) == .moved(1))
        pair.sender.machine.close(listener)
        pair.kernel.maxDescriptors = 1
        let (result, passed) = pair.receive()
        #expect(result == .moved(1))
        #expect(passed == nil)
        #expect(!pair.kernel.isListening(80))
    }

    @Test("a full queue refuses messages until one is received, and its end follows the queued messages")
    func full() throws {
        let pair = try Pair()
        for _ in 0..<pair.kernel.limits.socketPairMessages { #expect(pair.send() == .moved(1)) }
        #expect(pair.send() == .wouldBlock)
        #expect(pair.receive().result == .moved(1))
        #expect(pair.send() == .moved(1))
        pair.sender.machine.close(pair.near)
        for _ in 0..<pair.kernel.limits.socketPairMessages { #expect(pair.receive().result == .moved(1)) }
        #expect(pair.receive().result == .moved(0))
    }
}
