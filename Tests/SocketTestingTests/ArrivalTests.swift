import Cluster
import Synchronization
import Testing

@testable import SocketTesting

@Suite("The order of what clients send, and the end of the server's work")
struct ArrivalTests {
    /// Does one step of a test in its first wait, too late for the caller to notice.
    private final class ScriptedPoller: Poller {
        private let step: Mutex<(@Sendable () -> Void)?>

        init(_ step: @escaping @Sendable () -> Void) {
            self.step = Mutex(step)
        }

        func watch(_ descriptor: CInt, for interest: EventMask, token: UInt64) {}
        func setInterest(_ interest: EventMask, of descriptor: CInt, token: UInt64) {}
        func unwatch(_ descriptor: CInt) {}
        func wake() {}

        func wait(until deadline: ContinuousClock.Instant?, into ready: inout [Readiness]) -> Bool {
            let step = step.withLock { step in
                defer { step = nil }
                return step
            }
            step?()
            return false
        }
    }

    /// A client that ignores what it receives.
    private final class SilentClient: MemoryClient {
        func received(_ bytes: [UInt8]) {}
        func connectionEnded() {}
    }

    /// A connection that the server has accepted.
    private func connect(to machine: MemoryMachine) throws -> CInt {
        let listener = try machine.listen(on: SocketAddress.resolve(host: "127.0.0.1", port: 1)[0]).descriptor
        _ = machine.connect(SilentClient(), to: listener)
        return try machine.accept(from: listener).descriptor
    }

    private func read(_ machine: MemoryMachine, _ descriptor: CInt, atMost count: Int = 100) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: count)
        let result = buffer.withUnsafeMutableBytes { machine.receive(from: descriptor, into: $0) }
        guard case .moved(let count) = result else { return [] }
        return Array(buffer.prefix(count))
    }

    @Test("a wait for the end of the work does not end before what was sent ahead of it has been read")
    func lateInput() throws {
        let machine = MemoryMachine()
        let connection = try connect(to: machine)
        let (early, late) = (Wait<Void>(), Wait<Void>())
        machine.idle.add(early)
        let poller = MemoryPoller(
            of: machine,
            waiting: ScriptedPoller {
                machine.send([1], from: connection)
                machine.idle.add(late)
            })
        try poller.watch(connection, for: .readable, token: 7)
        var ready: [Readiness] = []
        _ = poller.wait(until: nil, into: &ready)
        let wasEarlyOpen = early.end(.failure(CancellationError()))
        #expect(!wasEarlyOpen)
        #expect(machine.idle.all.contains { $0 === late })

        _ = poller.wait(until: nil, into: &ready)
        #expect(ready.map(\.token) == [7])
        #expect(machine.idle.all.contains { $0 === late })
        #expect(read(machine, connection) == [1])

        _ = poller.wait(until: nil, into: &ready)
        let wasLateOpen = late.end(.failure(CancellationError()))
        #expect(!wasLateOpen)
    }

    @Test("the input of connections is read in the order in which it was sent, also in parts")
    func order() throws {
        let machine = MemoryMachine()
        let connections = try [connect(to: machine), connect(to: machine)]
        let poller = MemoryPoller(of: machine, waiting: ScriptedPoller {})
        for (number, connection) in connections.enumerated() {
            try poller.watch(connection, for: .readable, token: UInt64(number))
        }
        for (number, byte) in [(1, UInt8(1)), (1, 2), (1, 3), (0, 4), (1, 5), (1, 6), (0, 7)] {
            machine.send([byte], from: connections[number])
        }
        machine.end(connections[0])
        var steps: [[UInt8]] = []
        for _ in 0..<6 {
            var ready: [Readiness] = []
            _ = poller.wait(until: nil, into: &ready)
            try #require(ready.count == 1)
            steps.append(read(machine, connections[Int(ready[0].token)], atMost: 2))
        }
        #expect(steps == [[1, 2], [3], [4], [5, 6], [7], []])
    }

    @Test("the input of connections is read in the order in which it was sent, also while more is sent")
    func concurrentOrder() async throws {
        let machine = MemoryMachine()
        let connections = try (0..<8).map { _ in try connect(to: machine) }
        let poller = MemoryPoller(of: machine, waiting: ScriptedPoller {})
        for (number, connection) in connections.enumerated() {
            try poller.watch(connection, for: .readable, token: UInt64(number))
        }
        let count = 4000
        let sending = Task.detached {
            for number in 0..<count {
                machine.send([UInt8(truncatingIfNeeded: number)], from: connections[number * 5 % connections.count])
            }
        }
        var received: [UInt8] = []
        while received.count < count {
            var ready: [Readiness] = []
            _ = poller.wait(until: nil, into: &ready)
            for entry in ready { received += read(machine, connections[Int(entry.token)]) }
        }
        await sending.value
        #expect(received == (0..<count).map { UInt8(truncatingIfNeeded: $0) })
    }

    @Test("events of several clients are handled in the order in which they were sent", arguments: [1, 2])
    func events(workers: Int) async throws {
        let (notes, mayGoOn) = (Notes(), Flag())
        func makeServer() -> SocketServer {
            let server = SocketServer()
            // The later events arrive while the server is busy.
            server.on("work") { _ in while !mayGoOn.isSet {} }
            server.on("note") { (_, text: String) in notes.add(text) }
            return server
        }
        try await withTestServer(workers: workers, makeServer) { test in
            var clients: [TestSocket] = []
            for number in 0..<3 { clients.append(try await test.connect(worker: number % workers)) }
            do {
                defer { mayGoOn.set() }
                try clients[2].emit("work")
                for (place, number) in [2, 0, 2, 1, 0, 0, 1].enumerated() {
                    try clients[number].emit("note", "\(place)")
                }
            }
            try await test.settle()
            #expect(notes.all == ["0", "1", "2", "3", "4", "5", "6"])
        }
    }

    @Test("a server that never ends its work is an error of every call that waits for it")
    func endless() async throws {
        let server = SocketServer()
        server.on("ball") { socket in socket.emit("ball") }
        try await withTestServer(server) { test in
            let client = try await test.connect()
            client.onRaw("ball") { [weak client] _ in
                try client?.emit("ball")
                return nil
            }
            try client.emit("ball")
            let timeout = Duration.milliseconds(20)
            let error = await #expect(throws: TestError.self) { try await test.settle(timeout: timeout) }
            #expect(error?.description == "the end of the server's work did not arrive in time; nothing arrived")
            let waits: [@Sendable () async throws -> Void] = [
                { try await client.expectNothing(timeout: timeout) },
                { try await test.advance(by: .seconds(1), timeout: timeout) },
            ]
            for wait in waits {
                let error = await #expect(throws: TestError.self) { try await wait() }
                guard case .timedOut = error else {
                    Issue.record("\(String(describing: error))")
                    return
                }
            }
            let task = Task { try await test.advance(by: .seconds(1), timeout: .seconds(60)) }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }

    /// What handlers have written.
    private final class Notes: Sendable {
        private let lines = Mutex<[String]>([])

        var all: [String] { lines.withLock { $0 } }

        func add(_ line: String) { lines.withLock { $0.append(line) } }
    }

    /// Set once, by any thread.
    private final class Flag: Sendable {
        private let value = Atomic<Bool>(false)

        var isSet: Bool { value.load(ordering: .acquiring) }

        func set() { value.store(true, ordering: .releasing) }
    }
}
