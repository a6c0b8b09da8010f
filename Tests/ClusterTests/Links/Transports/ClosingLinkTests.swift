import Actors
import TestSupport
import Testing
import Transport

@testable import Cluster

@Suite("Link over a transport: the worker closes it in order")
struct ClosingLinkTests {
    @Test("the link stays open until the hub has handled the last requests")
    func lastRequests() async throws {
        try await RemoteHub.run { fixture in
            let (leaving, witness) = (try await fixture.join("A"), try await fixture.join("W"))
            leaving.transport.hold()
            try await leaving.submit(.emit("last", by: "A"))
            let closing = Task { await leaving.link.close() }
            // The emit, and the request whose answer the link awaits. A stream that is closed drops what it holds.
            try await eventually { leaving.transport.heldCount == 2 }
            #expect(leaving.hubNotes.all.isEmpty)
            leaving.transport.release()
            await closing.value
            try await witness.received(["W registered @0", "event last @1"])
            try await eventually { leaving.hubNotes.all == ["\(LinkEnd.endOfFile)"] }
            #expect(leaving.notes.all.isEmpty)
            #expect(leaving.receiver.words.allSatisfy { !$0.contains("workers") }, "the last answer is the link's")
        }
    }

    @Test("requests that the server has queued for the end of the turn are sent before the link closes")
    func queued() async throws {
        try await RemoteHub.run { fixture in
            let (leaving, witness) = (try await fixture.join("A"), try await fixture.join("W"))
            let request = try HubRequest.emit("queued", by: "A")
            await leaving.closeAfterQueueing(request)
            try await witness.received(["W registered @0", "event queued @1"])
        }
    }

    @Test("a hub that does not answer delays the end of the link by two seconds only")
    func silentHub() async throws {
        try await RemoteHub.run { fixture in
            let leaving = try await fixture.join("A")
            leaving.hubTransport.hold()
            let start = ContinuousClock.now
            await leaving.link.close()
            let duration = ContinuousClock.now - start
            #expect(duration > .milliseconds(1900) && duration < RemoteHub.longPatience, "\(duration)")
            #expect(leaving.notes.all.isEmpty)
        }
    }

    @Test("a second call, or the end of the stream, ends the wait")
    func interrupted() async throws {
        try await RemoteHub.run { fixture in
            for endsStream in [true, false] {
                let leaving = try await fixture.join(endsStream ? "A" : "B")
                leaving.transport.hold()
                let closing = Task { await leaving.link.close() }
                try await eventually { leaving.transport.heldCount == 1 }
                if endsStream { leaving.transport.end() } else { await leaving.link.close() }
                await closing.value
            }
        }
    }
}

extension RemoteSide {
    /// Submits a request at the end of the turn in which the link is closed, as a server does.
    fileprivate func closeAfterQueueing(_ request: HubRequest) async {
        loop.atEndOfTurn(.beforeWrites, QueuedRequest(request, link))
        await link.close()
    }
}

private final class QueuedRequest: TurnHandler {
    private let request: HubRequest
    private let link: WorkerLink

    init(_ request: HubRequest, _ link: WorkerLink) {
        self.request = request
        self.link = link
    }

    func turnEnded() { link.submit([request]) }
}
