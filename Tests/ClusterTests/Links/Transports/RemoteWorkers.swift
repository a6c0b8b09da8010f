import Actors
import Synchronization
import TestSupport
import Testing
import Transport

@testable import Cluster

/// A hub on its own loop, to which a test connects workers over streams in memory.
struct RemoteHub {
    let loop: EventLoop
    let hub: Hub

    /// Long enough that no ping disturbs a test.
    static let longPatience = Duration.seconds(600)

    static func run(_ test: (RemoteHub) async throws -> Void) async throws {
        let loop = try EventLoop.start(name: "hub")
        defer { loop.stop() }
        try await test(
            RemoteHub(loop: loop, hub: Hub(loop: loop, store: nil, epoch: "e", recovery: RecoveryOptions())))
    }

    /// A worker that the hub does not know yet.
    /// - Parameter sharesLoop: true to run it on the hub's loop.
    func makeSide(
        pieceSize: Int = .max, patience: Duration = RemoteHub.longPatience, sharesLoop: Bool = false
    ) throws -> RemoteSide {
        let (ofHub, ofWorker) = MemoryTransport.makePair(pieceSize: pieceSize)
        return try RemoteSide(over: ofWorker, from: ofHub, patience: patience, on: sharesLoop ? loop : nil)
    }

    /// A worker that registered a socket.
    ///
    /// One with a short patience runs on the hub's loop. If the machine is busy, the two sides are then delayed
    /// together, so that neither finds the other silent.
    func join(
        _ letter: Character, pieceSize: Int = .max, patience: Duration = RemoteHub.longPatience
    ) async throws -> RemoteSide {
        let side = try makeSide(
            pieceSize: pieceSize, patience: patience, sharesLoop: patience < RemoteHub.longPatience)
        try await side.open(to: hub)
        try await side.submit(.register(letter))
        try await side.received(["\(letter) registered @\(await hub.status.position)"])
        return side
    }
}

/// A worker, linked to the hub by a stream in memory.
actor RemoteSide {
    nonisolated let loop: EventLoop
    private nonisolated let ownsLoop: Bool
    nonisolated let transport: MemoryTransport
    private let patience: Duration
    /// The hub's side of the stream.
    nonisolated let hubTransport: MemoryTransport
    nonisolated let link: WorkerLink
    nonisolated let receiver = LinkedWorker.Receiver()
    /// The end of the link, as the worker learns it.
    nonisolated let notes = LinkedWorker.Notes()
    /// The end of the link, as the hub learns it.
    nonisolated let hubNotes = LinkedWorker.Notes()

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// - Parameter loop: the loop to run on; nil for one of its own.
    init(
        over transport: MemoryTransport, from hubTransport: MemoryTransport, patience: Duration,
        on loop: EventLoop? = nil
    ) throws {
        ownsLoop = loop == nil
        let loop = try loop ?? EventLoop.start(name: "worker")
        self.loop = loop
        self.transport = transport
        self.hubTransport = hubTransport
        self.patience = patience
        link = WorkerLink(over: transport, on: loop, history: nil, patience: patience) { [notes] in notes.add("\($0)") }
    }

    deinit { if ownsLoop { loop.stop() } }

    /// Connects the hub's side, which waits for a hello.
    func connect(to hub: Hub) {
        hub.connect(over: hubTransport, patience: patience) { [hubNotes] in hubNotes.add("\($0)") }
    }

    /// Connects both sides. Runs on the loop's thread, so a busy machine does not delay the hello.
    func open(to hub: Hub) async throws {
        connect(to: hub)
        try await link.open()
    }

    func submit(_ requests: HubRequest...) {
        link.attach(receiver)
        link.submit(requests)
    }

    /// Waits until the stream has brought exactly these events, in words.
    nonisolated func received(_ words: [String]) async throws {
        try await eventually { receiver.words.count >= words.count }
        #expect(receiver.words == words)
    }

    func onLoop<Value: Sendable>(_ work: @Sendable (EventLoop) -> Value) -> Value { work(loop) }
}
