import Glibc
import Testing

@testable import Transport

@Suite("Connections to other servers")
struct OutgoingConnectionTests {
    /// Records what happens. Used on one loop.
    private final class Recorder: OutgoingConnectionHandler {
        var isOpen = false
        var received: [UInt8] = []
        var end: String?

        func connectionOpened() { isOpen = true }
        func connectionRead(_ bytes: RawSpan) { received += bytes.withUnsafeBytes { Array($0) } }
        func connectionEnded(_ reason: String) { end = reason }
    }

    /// Makes the loop return from its wait.
    private final class Turns: TimerTarget {
        func timerFired(at now: ContinuousClock.Instant) {}
    }

    private let loop: EventLoop
    private let recorder = Recorder()

    init() throws {
        loop = try EventLoop()
        loop.jobs.enter()
    }

    private func run(until condition: () -> Bool) {
        let timer = Turns()
        for _ in 0..<2000 where !condition() {
            _ = loop.startTimer(at: loop.now + .milliseconds(1), timer)
            loop.turn()
        }
        #expect(condition())
    }

    /// A listening socket, and a function that waits for a connection and returns its socket.
    private func listen() throws -> (socket: ListeningSocket, accept: () -> CInt) {
        let socket = try #require(try ListeningSocket.bind(host: "127.0.0.1", port: 0).sockets.first)
        let machine = loop.machine
        return (
            socket,
            {
                var accepted: CInt = -1
                run {
                    if accepted < 0 { accepted = (try? machine.accept(from: socket.descriptor).descriptor) ?? -1 }
                    return accepted >= 0 && recorder.isOpen
                }
                return accepted
            }
        )
    }

    @Test("after the end of its handler, the connection is closed at the next event")
    func handlerGone() throws {
        let (listening, _) = try listen()
        var owner: Recorder? = Recorder()
        let connection = try OutgoingConnection(to: listening.address, on: loop, handler: try #require(owner))
        run { owner?.isOpen == true }
        let accepted = try loop.machine.accept(from: listening.descriptor).descriptor
        defer { close(accepted) }
        owner = nil
        #expect(write(accepted, "x", 1) == 1)
        var byte: UInt8 = 0
        run { recv(accepted, &byte, 1, Int32(MSG_DONTWAIT)) == 0 }
        withExtendedLifetime(connection) {}
    }

    @Test("a connection that is given up is reset, so that the kernel does not go on sending")
    func reset() throws {
        let (listening, accept) = try listen()
        defer { listening.close() }
        let connection = try OutgoingConnection(to: listening.address, on: loop, handler: recorder)
        let server = accept()
        defer { close(server) }
        connection.send(Array("hello".utf8))
        run { connection.acknowledgedBytes == 5 }
        connection.reset()
        var buffer = [UInt8](repeating: 0, count: 100)
        var end: CInt?
        run {
            if end == nil {
                let count = recv(server, &buffer, buffer.count, Int32(MSG_DONTWAIT))
                end = count > 0 || count < 0 && errno == EAGAIN ? nil : count == 0 ? 0 : errno
            }
            return end != nil
        }
        #expect(end == ECONNRESET)
        #expect(recorder.end == nil)
    }

    @Test("bytes go both ways until the server ends the connection")
    func exchange() throws {
        let (listening, accept) = try listen()
        defer { listening.close() }
        let connection = try OutgoingConnection(to: listening.address, on: loop, handler: recorder)
        let server = accept()
        connection.send(Array("hello".utf8))
        var buffer = [UInt8](repeating: 0, count: 100)
        var count = 0
        run {
            let result = buffer.withUnsafeMutableBytes { loop.machine.receive(from: server, into: $0) }
            if case .moved(let moved) = result { count += moved }
            return count == 5
        }
        #expect(buffer.prefix(5).elementsEqual("hello".utf8))
        _ = Array("world".utf8).withUnsafeBytes { loop.machine.send($0, to: server) }
        run { recorder.received.count == 5 }
        #expect(recorder.received.elementsEqual("world".utf8) && recorder.end == nil)
        loop.machine.close(server)
        run { recorder.end != nil }
        #expect(recorder.end == "the server closed the connection")
        connection.close()
    }

    @Test("a port on which nobody listens is an error")
    func refused() throws {
        let (listening, _) = try listen()
        listening.close()
        let connection = try OutgoingConnection(to: listening.address, on: loop, handler: recorder)
        run { recorder.end != nil }
        #expect(recorder.end == "connect: Connection refused" && !recorder.isOpen)
        connection.close()
    }

    @Test("after the close nothing more is reported", arguments: [true, false])
    func closed(isOpen: Bool) throws {
        let (listening, accept) = try listen()
        defer { listening.close() }
        let connection = try OutgoingConnection(to: listening.address, on: loop, handler: recorder)
        let server = isOpen ? accept() : -1
        connection.close()
        connection.send([1])
        if isOpen {
            var buffer = [UInt8](repeating: 0, count: 100)
            run { buffer.withUnsafeMutableBytes { loop.machine.receive(from: server, into: $0) } == .moved(0) }
            loop.machine.close(server)
        }
        #expect(recorder.end == nil && recorder.isOpen == isOpen)
    }
}
