import Actors
import Synchronization
import Testing
import Transport

@testable import Cluster

/// A hub on its own loop, linked by pipes to workers that the test controls.
actor LinkedHub {
    /// The events of a worker's link, in words.
    final class Notes: Sendable {
        private let words = Mutex<[String]>([])

        var all: [String] { words.withLock { $0 } }

        func add(_ event: PipeLink.Event) {
            let text =
                switch event {
                case .serving: "serving"
                case .measured(let samples): "measured \(samples.sorted.count) values"
                case .evicted(let reason): "evicted: \(reason)"
                case .ended(let reason): "ended: \(reason)"
                }
            words.withLock { $0.append(text) }
        }
    }

    struct Worker {
        let peer: LinkPeer
        let link: PipeLink
        let notes: Notes
    }

    /// Long enough that no ping disturbs a test.
    static let longPatience = Duration.seconds(600)

    nonisolated let loop: EventLoop
    nonisolated let hub: Hub

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    static func run(_ test: (LinkedHub) async throws -> Void) async throws {
        let fixture = try LinkedHub()
        defer { fixture.loop.stop() }
        try await test(fixture)
    }

    private init() throws {
        ResourceLimits.raiseDescriptors()
        loop = try EventLoop.start(name: "hub")
        hub = Hub(loop: loop, store: nil, epoch: "e", recovery: RecoveryOptions())
    }

    /// A worker that has not sent its hello.
    nonisolated func connect(patience: Duration = LinkedHub.longPatience) async throws -> Worker {
        let (ends, others) = try PipePair.makeEnds()
        let notes = Notes()
        let link = PipeLink(to: hub, on: loop, patience: patience) { notes.add($0) }
        await link.start(ends)
        return Worker(peer: LinkPeer(others), link: link, notes: notes)
    }

    /// A worker that got its welcome and registered a socket.
    nonisolated func join(_ letter: Character, patience: Duration = LinkedHub.longPatience) async throws -> Worker {
        let worker = try await connect(patience: patience)
        try worker.peer.write(worker.peer.frame(.hello) { $0.append(Hello()) })
        let frame = try #require(try await worker.peer.next())
        try #require(frame.kind == .welcome)
        try worker.peer.write(worker.peer.frame(.register(letter)))
        _ = try await worker.peer.nextEvents(1)
        return worker
    }

    /// Writes to the pipes in this order while the loop is blocked. The loop then finds them readable in this order.
    func write(_ writes: (LinkPeer, [UInt8])...) throws {
        for (peer, bytes) in writes { try peer.write(bytes) }
    }

    func onLoop(_ work: @Sendable () throws -> Void) rethrows { try work() }
}
