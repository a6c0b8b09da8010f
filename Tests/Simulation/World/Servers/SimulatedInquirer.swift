import Actors
import Transport

/// The questions of one simulated server to several clients and to the other servers.
struct SimulatedInquirer: Sendable {
    private let loop: EventLoop
    private unowned let world: World
    /// The name of this server's start.
    private let name: String

    init(loop: EventLoop, of host: Host, in world: World) {
        self.loop = loop
        self.world = world
        name = "server \(world.nextNumber())" + world.name(of: host)
    }

    /// Answers the questions of other servers. Some answers come late, and some fail.
    func install(on namespace: some ConnectionHandling) {
        namespace.onServerSide(EventText.inquiry) { (arguments: Arguments) async throws in
            guard let number = Array(arguments).number else { throw ConnectError("the question has no number") }
            world.inquiries.handled(number, by: name)
            if number % 3 == 0 { await LoopPause.wait(number % 50 + 1, on: loop) }
            // Long enough for the server to be killed meanwhile.
            if number % 5 == 0 { await LoopPause.wait(4000, on: loop) }
            guard number % 7 != 0 else { throw ConnectError("no answer") }
            let answer = Arguments(EventText.arguments(number) + [.json(JSONText(string: name))])
            world.inquiries.answered(number, by: name, answer)
            return answer
        }
    }

    /// Asks clients and records the outcome.
    func inquire(
        _ number: Int, _ operands: ClientRequest.Operands, _ clients: ClientRequest.Audience, _ timeout: Int,
        _ socket: Socket
    ) async {
        let everyone = operands.isByServer ? socket.namespace.everyone : socket.broadcast
        var audience = operands.rooms.isEmpty ? everyone : everyone.to(operands.rooms)
        switch clients {
        case .all: break
        case .ready: audience = audience.volatile
        case .local: audience = audience.local
        }
        world.inquiries.began(
            number, clients == .local ? .localClients : .clients, isVolatile: clients == .ready,
            until: world.milliseconds + timeout)
        await record(number) { [audience] in
            try await audience.emitWithAcknowledgements(
                EventText.inquiry, Arguments(EventText.arguments(number)), timeout: .milliseconds(timeout))
        }
    }

    /// Asks the other servers and records the outcome.
    func inquireServers(_ number: Int, _ timeout: Int, _ namespace: Namespace) async {
        world.inquiries.began(number, .servers, until: world.milliseconds + timeout)
        await record(number) {
            try await namespace.serverSideEmitWithAcknowledgements(
                EventText.inquiry, Arguments(EventText.arguments(number)), timeout: .milliseconds(timeout))
        }
    }

    private func record(_ number: Int, _ ask: @Sendable () async throws -> [Arguments]) async {
        do {
            let answers = try await ask()
            world.inquiries.ended(number, answers, nil, by: name, at: world.milliseconds)
        } catch let error as IncompleteAnswers {
            world.inquiries.ended(number, error.answers, error.reason, by: name, at: world.milliseconds)
        } catch {
            // The server is closing and cancels the handler.
            world.inquiries.ended(number, [], .closed, by: name, at: world.milliseconds)
        }
    }
}
