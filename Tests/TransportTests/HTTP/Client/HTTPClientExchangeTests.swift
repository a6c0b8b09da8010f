import Glibc
import Testing

@testable import Transport

@Suite("Requests to HTTP services, over real sockets")
struct HTTPClientExchangeTests {
    private final class Turns: TimerTarget {
        func timerFired(at now: ContinuousClock.Instant) {}
    }

    private final class Outcome {
        var result: Result<HTTPClientResponse, HTTPClientExchange.Failure>?
    }

    private let loop: EventLoop
    private let outcome = Outcome()

    init() throws {
        loop = try EventLoop()
        loop.jobs.enter()
    }

    private func run(until condition: () -> Bool) {
        let timer = Turns()
        for _ in 0..<5000 where !condition() {
            _ = loop.startTimer(at: loop.now + .milliseconds(1), timer)
            loop.turn()
        }
        #expect(condition())
    }

    private func exchange(timeout: Duration = .seconds(5)) -> HTTPClientExchange {
        HTTPClientExchange(Array("request".utf8), deadline: loop.now + timeout, on: loop) { [outcome] result in
            #expect(outcome.result == nil)
            outcome.result = result
        }
    }

    private func listen() throws -> ListeningSocket {
        try #require(try ListeningSocket.bind(host: "127.0.0.1", port: 0).sockets.first)
    }

    @Test("the next address is tried if one refuses, and the response is returned")
    func fallback() throws {
        let (closed, open) = (try listen(), try listen())
        closed.close()
        defer { open.close() }
        exchange().connect(to: [closed.address, open.address])
        var accepted: CInt = -1
        run {
            if accepted < 0 { accepted = (try? loop.machine.accept(from: open.descriptor).descriptor) ?? -1 }
            return accepted >= 0
        }
        defer { close(accepted) }
        var buffer = [UInt8](repeating: 0, count: 100)
        var received = 0
        run {
            received = max(received, recv(accepted, &buffer, buffer.count, CInt(MSG_DONTWAIT)))
            return received == 7
        }
        let response = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
        #expect(write(accepted, response, response.utf8.count) == response.utf8.count)
        run { outcome.result != nil }
        #expect(outcome.result == .success(HTTPClientResponse(status: 200, body: Array("hi".utf8))))
    }

    @Test("no address, or none that accepts, is a failure")
    func refused() throws {
        exchange().connect(to: [])
        #expect(outcome.result == .failure(.connection("it has no address")))
        outcome.result = nil
        let closed = try listen()
        closed.close()
        let missing = try SocketAddress(unixPath: "/nowhere/site.sock")
        exchange().connect(to: [missing, closed.address])
        run { outcome.result != nil }
        guard case .failure(.connection(let reason)) = outcome.result else {
            Issue.record("\(String(describing: outcome.result))")
            return
        }
        #expect(reason.contains("refused"))
    }

    @Test("a service that does not accept connections is given up at the deadline")
    func connecting() throws {
        // A listening socket whose backlog is full ignores further attempts.
        let listening = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        defer { close(listening) }
        let any = try #require(try SocketAddress.resolve(host: "127.0.0.1", port: 0).first)
        #expect(any.withSockaddr { bind(listening, $0, $1) } == 0 && Glibc.listen(listening, 0) == 0)
        let address = try loop.machine.localAddress(of: listening)
        let first = try loop.machine.openConnection(to: address)
        let second = try loop.machine.openConnection(to: address)
        defer { for descriptor in [first, second] { close(descriptor) } }
        exchange(timeout: .milliseconds(50)).connect(to: [address])
        run { outcome.result != nil }
        #expect(outcome.result == .failure(.timedOut(connected: false)))
    }

    @Test("an exchange that is cancelled or outlives its loop ends once")
    func cancelled() throws {
        let listening = try listen()
        defer { listening.close() }
        let first = exchange()
        first.connect(to: [listening.address])
        first.cancel()
        first.cancel()
        #expect(outcome.result == .failure(.cancelled))
        outcome.result = nil
        exchange().connect(to: [listening.address])
        loop.stop()
        loop.drain()
        #expect(outcome.result == .failure(.cancelled))
    }

    @Test("a name is looked up on another thread, once for several exchanges")
    func names() throws {
        let listening = try listen()
        defer { listening.close() }
        // The resolver reads this form of 127.0.0.1 without a name server.
        let endpoint = try #require(HTTPEndpoint(url: "http://0x7f.1:\(listening.address.port)/"))
        #expect(!endpoint.isNumeric)
        let addresses = EndpointAddresses(of: endpoint, on: loop)
        for _ in 0..<2 { addresses.connect(exchange()) }
        #expect(outcome.result == nil)
        var accepted: [CInt] = []
        defer { for descriptor in accepted { close(descriptor) } }
        run {
            if let next = try? loop.machine.accept(from: listening.descriptor).descriptor { accepted.append(next) }
            return accepted.count == 2
        }
        addresses.connect(exchange())
        run {
            if let next = try? loop.machine.accept(from: listening.descriptor).descriptor { accepted.append(next) }
            return accepted.count == 3
        }
    }

    @Test("the time of an exchange ends although its name is still looked up, or it fails with the reason")
    func unknownName() throws {
        let endpoint = try #require(HTTPEndpoint(url: "http://no-such-name.invalid/"))
        EndpointAddresses(of: endpoint, on: loop).connect(exchange(timeout: .milliseconds(100)))
        run { outcome.result != nil }
        switch outcome.result {
        case .failure(.timedOut(connected: false)): break
        case .failure(.connection(let reason)): #expect(reason.contains("no-such-name.invalid"))
        default: Issue.record("\(String(describing: outcome.result))")
        }
    }
}
