import Actors
import Glibc
import Synchronization
import TestSupport
import Testing
import Transport

@testable import Cluster

@Suite("Pipe link: a worker that sends or reads nothing is evicted")
struct PipeLinkPatienceTests {
    private static let silent = "evicted: the other side has sent nothing for 10.0 seconds"

    @Test("a worker that answers no ping is evicted; its later requests still arrive")
    func silent() async throws {
        try await LinkedHub.run { fixture in
            let witness = try await fixture.join("W")
            let worker = try await fixture.connect(patience: .milliseconds(50))
            try worker.peer.write(worker.peer.frame(.hello) { $0.append(Hello()) } + worker.peer.frame(.register("A")))
            try await eventually { !worker.notes.all.isEmpty }
            try worker.peer.write(worker.peer.frame(.emit("late", by: "A")))
            #expect(try await witness.peer.nextEvents(1) == ["event late @1"])
            worker.peer.close()
            try await eventually { worker.notes.all == [Self.silent, "ended: \(LinkEnd.endOfFile)"] }
        }
    }

    @Test("a worker whose queue exceeds the limit is evicted, and others are not affected")
    func overflow() async throws {
        try await LinkedHub.run { fixture in
            let (worker, sender) = (try await fixture.join("A"), try await fixture.join("W"))
            try worker.peer.write(worker.peer.frame(.join("A", "r")))
            let text = String(repeating: "x", count: 100_000)
            var count = 0
            while worker.notes.all.isEmpty, count < 1000 {
                let emit = try HubRequest.emit(text, to: ["r"], by: "W")
                try sender.peer.write(sender.peer.frame(emit, emit))
                #expect(try await sender.peer.nextEvents(2) == ["W emitted", "W emitted"])
                count += 2
            }
            #expect(worker.notes.all == ["evicted: more than 64 MiB are queued for the other side"])
            #expect(sender.notes.all.isEmpty && count > 600)
        }
    }

    @Test("a pause of the hub's own process does not count as silence of a worker")
    func ownAbsence() async throws {
        try await LinkedHub.run { fixture in
            let (ends, others) = try PipePair.makeEnds()
            let events = Mutex<[String]>([])
            let link = PipeLink(to: fixture.hub, on: fixture.loop, patience: .seconds(2)) { event in
                events.withLock { $0.append("\(event)") }
                // Blocks the whole loop for longer than the patience, after the worker has sent a frame.
                if case .serving = event { usleep(2_500_000) }
            }
            let loop = try EventLoop.start(name: "worker")
            defer { loop.stop() }
            let worker = WorkerLink(others, on: loop, history: nil)
            async let opened: Void = worker.open()
            // Wait for the hello, so that the worker is not silent at the start on a slow machine.
            try await eventually { Self.isReadable(ends.reading) }
            await link.start(ends)
            try await opened
            await worker.serving()
            await worker.serving()
            try await eventually { events.withLock { $0.count } == 2 }
            #expect(await fixture.hub.status.position == 0, "the loop still runs")
            #expect(events.withLock { $0 } == ["serving", "serving"])
            await link.finish()
        }
    }

    private static func isReadable(_ descriptor: CInt) -> Bool {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&request, 1, 0) == 1
    }
}
