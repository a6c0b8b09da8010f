import Persistence
import Synchronization
import Testing

@testable import Actors
@testable import Transport

@Suite("Requests that an adapter does not support", .overDirectLink)
struct RefusedRequestTests {
    /// An adapter for one server that carries out only what it must, and refuses the rest.
    private final class RefusingAdapter: Adapter {
        private struct State {
            weak var receiver: (any StreamReceiver)?
        }

        private let state = Mutex(State())
        let terms = HubTerms(epoch: "epoch", keepsSessions: true)
        var history: (any History)? { nil }

        func attach(_ receiver: any StreamReceiver) {
            state.withLock { $0.receiver = receiver }
        }

        func submit(_ requests: [HubRequest]) {
            let receiver = state.withLock { $0.receiver }
            for request in requests {
                let answer = answer(to: request)
                if !answer.isEmpty { receiver?.receive(answer) }
            }
        }

        private func answer(to request: HubRequest) -> [HubEvent] {
            switch request {
            case .register(let registration): [.registered(registration.key.id, position: 0)]
            case .join(let key, let room): [.joined(key.id, room: room)]
            case .leave(let key, let room): [.left(key.id, room: room)]
            default: request.refusal
            }
        }
    }

    private static func setUp(_ server: SocketServer, _ notes: Notes) {
        let main = server.of("/")
        let machine = TestMachine.current
        main.storesMessages(as: "message")
        main.on("store") { socket, event in socket.store(draft("m"), acknowledgement: event.acknowledgement) }
        main.on("everything else") { socket, event in
            socket.join("r")
            socket.setData(1)
            socket.to("r").emit("x")
            socket.broadcast.socketsJoin("s")
            socket.leave("r")
            let answer = machine.task {
                do {
                    notes.add("fetched \(try await socket.broadcast.fetchSockets().count)")
                } catch {
                    notes.add("\(error)")
                }
            }
            await answer.value
            event.acknowledgement?()
        }
    }

    @Test("each is answered and returns its credit, so nobody waits, and no message counts as stored")
    func refused() async throws {
        let (notes, reports) = (Notes(), Notes())
        let process = TestMachine.current.kernel.start { _ in }
        let loop = try process.makeLoop(Limits())
        let server = SocketServer { reports.add("\($0)") }
        Self.setUp(server, notes)
        try server.start(on: loop, adapter: RefusingAdapter())
        let address = try SocketAddress.resolve(host: "127.0.0.1", port: 0)[0]
        let socket = try ListeningSocket(binding: address, on: process.machine)
        try await server.listen(on: [socket])
        let client = try await TestClient(port: socket.address.port)
        // The client claims a session, and has messages up to an id that this server does not know.
        try await client.join(auth: #"{"pid":"AAAAAAAAAAAAAAAAAAAA","offset":"x","serverOffset":5}"#)
        client.send(#"20["store"]"#)
        client.send(#"21["everything else"]"#)
        #expect(try await client.next() == "431[]")
        #expect(notes.all == ["the adapter does not fetch sockets"])
        #expect(await server.status.bytesInFlight == 0)
        await #expect(throws: FetchError.refused) { try await server.of("/").fetchSockets() }
        await #expect(throws: FetchError.refused) { try await server.workerCount() }
        let incomplete = await #expect(throws: IncompleteAnswers.self) {
            try await server.of("/").emitWithAcknowledgements("x")
        }
        #expect(incomplete?.reason == .recipientsGone)
        #expect(reports.all.isEmpty)
        await server.close(timeout: .seconds(1))
    }
}
