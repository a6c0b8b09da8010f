import Testing

@testable import Cluster
@testable import Transport

@Suite("A worker's side of a shared port")
struct WorkerHandoverTests {
    /// Records what arrives. Used on one loop.
    private final class Receiver: PassingHandler {
        var messages: [HandoverMessage] = []

        func received(_ message: [UInt8], descriptor: CInt?) {
            if let message = try? HandoverMessage(message) { messages.append(message) }
        }

        func passingDrained() {}
        func passingEnded() {}

        var arrivals: Int { messages.count { $0 == .arrived(isTaken: true) } }
    }

    /// Makes the loop return from its wait.
    private final class Turns: TimerTarget {
        func timerFired(at now: ContinuousClock.Instant) {}
    }

    private static let peer = HTTPPeer(address: "192.0.2.1", isTrusted: false, isSecure: false)
    private let loop: EventLoop

    init() throws {
        loop = try EventLoop()
    }

    private func run(until condition: () -> Bool) {
        let timer = Turns()
        for _ in 0..<2000 where !condition() {
            _ = loop.startTimer(at: loop.now + .milliseconds(1), timer)
            loop.turn()
        }
        #expect(condition())
    }

    private func makeConnection() throws -> PassedConnection {
        let (near, far) = try loop.machine.makeSocketPair()
        loop.machine.close(far)
        return PassedConnection(descriptor: near, peer: Self.peer, received: [65])
    }

    @Test("a request is handled only after the supervisor can read that it arrived")
    func arrivalFirst() throws {
        let (near, far) = try loop.machine.makeSocketPair()
        loop.jobs.enter()
        let handover = WorkerHandover(near, number: WorkerNumber(1), on: loop)
        var handled = 0
        handover.receiver = { connection in
            handled += 1
            loop.machine.close(connection.descriptor)
        }
        try handover.open()
        // Connections arrive while nobody reads the answers, until the buffer of the answers is full.
        var sent = 0
        while handover.hasRoom, sent < 10_000 {
            let connection = try makeConnection()
            handover.received(connection.messages(to: WorkerNumber(1))[0].bytes, descriptor: connection.descriptor)
            sent += 1
        }
        #expect(handled > 0 && handled < sent)
        let receiver = Receiver()
        let supervisor = PassingSocket(far, on: loop)
        try supervisor.open(for: receiver)
        #expect(receiver.arrivals == 0)
        run { handled == sent && receiver.arrivals == sent }
        supervisor.close()
    }
}
