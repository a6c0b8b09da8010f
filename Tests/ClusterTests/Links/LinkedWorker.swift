import Actors
import Synchronization
import Testing
import Transport

@testable import Cluster
@testable import Transport

/// A worker's end of a link on its own loop, and a hub that the test controls.
actor LinkedWorker {
    /// The commands and the end of the link, in words.
    final class Notes: Sendable {
        private let words = Mutex<[String]>([])

        var all: [String] { words.withLock { $0 } }

        func add(_ word: String) { words.withLock { $0.append(word) } }
    }

    /// Records the stream in words.
    final class Receiver: StreamReceiver {
        private let received = Mutex<[String]>([])

        var words: [String] { received.withLock { $0 } }

        func receive(_ events: [HubEvent]) { received.withLock { $0 += events.words } }
    }

    /// Represents a connection with pending output.
    final class Write: TurnHandler {
        private let notes: Notes
        init(_ notes: Notes) { self.notes = notes }
        func turnEnded() { notes.add("written") }
    }

    /// A frame after the welcome that a hub must not send.
    struct Offence: Sendable, CustomTestStringConvertible {
        let kind: FrameKind
        let body: [UInt8]
        let reason: String

        var testDescription: String { "\(kind) with \(body.count) bytes" }

        static let all =
            [FrameKind.hello, .welcome, .requests, .pong, .serving, .metrics].map {
                Offence(kind: $0, body: [], reason: "an unexpected frame")
            }
            + [FrameKind.ping, .stop, .report, .measure].map {
                Offence(kind: $0, body: [0], reason: "a frame with trailing bytes")
            }
            + [
                Offence(kind: .events, body: [99], reason: "a frame with an invalid value"),
                Offence(kind: .events, body: [5], reason: "a frame that ends inside a value"),
            ]
    }

    nonisolated let loop: EventLoop
    nonisolated let hub: LinkPeer
    nonisolated let link: WorkerLink
    nonisolated let notes = Notes()
    nonisolated let receiver = Receiver()

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// Runs a test with an open link.
    static func run(
        patience: Duration = PipeLink.patience, _ test: (LinkedWorker) async throws -> Void
    ) async throws {
        let fixture = try LinkedWorker(patience: patience)
        defer { fixture.loop.stop() }
        async let opened: Void = fixture.link.open()
        let hello = try #require(try await fixture.hub.next())
        var reader = WireReader(hello.body)
        try #require(hello.kind == .hello)
        try reader.hello()
        try reader.finish()
        let terms = HubTerms(epoch: "e", keepsSessions: true)
        try fixture.hub.write(fixture.hub.frame(.welcome) { $0.append(terms) })
        try await opened
        await fixture.attach()
        try await test(fixture)
    }

    init(patience: Duration = PipeLink.patience) throws {
        loop = try EventLoop.start(name: "worker")
        let (ends, others) = try PipePair.makeEnds()
        hub = LinkPeer(others)
        link = WorkerLink(
            ends, on: loop, history: nil, patience: patience, commanded: { [notes] in notes.add("\($0)") },
            ended: { [notes] in notes.add("ended: \($0)") })
    }

    func attach() { link.attach(receiver) }

    func submit(_ requests: [HubRequest]) { link.submit(requests) }

    func onLoop(_ work: @Sendable (EventLoop) -> Void) { work(loop) }
}
