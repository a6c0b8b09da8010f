import Actors
import ChatApplication
import Transport

/// The application of the simulated servers: the chat, a second namespace, and events that request every operation
/// available to a handler.
struct SimulatedApplication: Sendable {
    /// The name of the second namespace.
    static let secondNamespace = "/side"
    /// The error message for a refused client.
    static let refusal = "not today"

    private let loop: EventLoop
    private unowned let world: World
    private let inquirer: SimulatedInquirer
    /// The number of the process.
    private let process: Int

    static func install(on server: SocketServer, running loop: EventLoop, of host: Host, in world: World) {
        let inquirer = SimulatedInquirer(loop: loop, of: host, in: world)
        let process = world.handlers.nextProcess()
        SimulatedApplication(loop: loop, world: world, inquirer: inquirer, process: process).install(on: server)
    }

    private func install(on server: SocketServer) {
        Chat.install(on: server)
        installAdmission(on: server)
        installRequests(on: server)
        inquirer.install(on: server)
        let second = secondNamespace(of: server)
        installAdmission(on: second)
        inquirer.install(on: second)
        // In the second namespace, each socket has handlers of its own.
        second.onConnection { socket in installRequests(on: socket) }
    }

    /// The second namespace or, in some runs, the parent of it.
    private func secondNamespace(of server: SocketServer) -> any ConnectionHandling {
        guard world.settings.hasDynamicNamespace else { return server.of(Self.secondNamespace) }
        let delay = world.settings.middlewareDelay
        guard delay > 0 else { return server.of(matching: /\/s[a-z]*/) }
        return server.of { name, _ async in
            await LoopPause.wait(delay, on: loop)
            return name == Self.secondNamespace
        }
    }

    /// Installs middleware and connection handlers, with delays in some runs.
    private func installAdmission(on namespace: some ConnectionHandling) {
        let (middlewareDelay, connectionDelay) = (world.settings.middlewareDelay, world.settings.connectionDelay)
        namespace.use { socket in
            guard socket.handshake.auth?["refuse"] == nil else { throw ConnectError(Self.refusal) }
        }
        if middlewareDelay > 0 {
            namespace.use { socket async in await LoopPause.wait(middlewareDelay, on: loop) }
        }
        if connectionDelay > 0 {
            namespace.onConnection { socket in
                world.handlers.began(for: socket, in: process)
                await LoopPause.wait(connectionDelay, on: loop)
                world.handlers.ended(for: socket, in: process)
            }
        }
        namespace.onDisconnect { socket, reason in
            world.handlers.began(for: socket, in: process)
            world.record.trace("the application handles the disconnection of \(socket.id): \(reason)")
        }
    }

    private func installRequests(on target: some EventHandling) {
        target.on(ClientRequest.syncEvent) { socket, event in
            world.handlers.began(for: socket, in: process)
            for request in event.requests { perform(request, of: socket) }
            event.acknowledgement?(Arguments(event.data))
            world.handlers.ended(for: socket, in: process)
        }
        target.on(ClientRequest.asyncEvent) { socket, event in
            world.handlers.began(for: socket, in: process)
            var results: [Argument] = []
            for request in event.requests {
                if let result = await performAsync(request, of: socket) { results.append(.json(result)) }
            }
            event.acknowledgement?(Arguments(event.data + results))
            world.handlers.ended(for: socket, in: process)
        }
        target.on(EventText.relay) { socket, event in
            guard case .json(let rooms)? = event.arguments.first else { return }
            let audience = (rooms.elements ?? []).compactMap(\.string).reduce(socket.broadcast) { $0.to($1) }
            audience.emit(EventText.event, Arguments(Array(event.arguments.dropFirst())))
        }
    }

    private func perform(_ request: ClientRequest, of socket: isolated Socket) {
        guard socket.isConnected else { return }
        switch request {
        case .join(let room): socket.join(room)
        case .leave(let room): socket.leave(room)
        case .broadcast(let number, let rooms, let isVolatile, let tail):
            var audience = rooms.reduce(socket.broadcast) { $0.to($1) }
            if isVolatile { audience = audience.volatile }
            audience.emit(EventText.event, Arguments(EventText.arguments(number, tail: tail)))
        case .direct(let number): socket.emit(EventText.event, Arguments(EventText.arguments(number)))
        case .local: socket.emitVolatile(EventText.local)
        case .disconnect:
            socket.disconnect()
            world.disturb(disconnectOn: loop)
        case .remember(let number): socket.setData(JSONText(integer: number))
        case .question(let number, let timeout):
            loop.startTask { await ask(number, timeout, socket) }
        case .change(let number, let change, let operands):
            carryOut(change, on: audience(of: operands, number, for: socket))
        case .broadcastLocally: socket.broadcast.local.emit(EventText.local)
        case .inquiry(let number, let operands, let audience, let timeout):
            loop.startTask { await inquirer.inquire(number, operands, audience, timeout, socket) }
        case .serverInquiry(let number, let timeout):
            loop.startTask { await inquirer.inquireServers(number, timeout, socket.namespace) }
        case .pause, .history, .fetch: break
        }
    }

    /// - Returns: the result for the client; nil if there is none.
    private func performAsync(
        _ request: ClientRequest, of socket: isolated Socket
    ) async -> JSONText? {
        switch request {
        case .pause(let time):
            await LoopPause.wait(time, on: loop)
        case .question(let number, let timeout):
            await ask(number, timeout, socket)
        case .inquiry(let number, let operands, let audience, let timeout):
            await inquirer.inquire(number, operands, audience, timeout, socket)
        case .serverInquiry(let number, let timeout):
            await inquirer.inquireServers(number, timeout, socket.namespace)
        case .fetch(let number, let operands, let timeout):
            await fetch(number, operands, timeout, socket)
        case .history(let before, let count):
            let page = try? await socket.messages(
                before: before == 0 ? nil : Int64(before), maxCount: count, maxBytes: 200)
            guard let page else { return .null }
            let ids = page.messages.map { JSONText(integer: Int($0.id)) }
            return JSONText(array: [JSONText(array: ids), JSONText(bool: page.reachesEnd)])
        default:
            perform(request, of: socket)
        }
        return nil
    }

    private func audience(
        of operands: ClientRequest.Operands, _ number: Int, for socket: isolated Socket
    ) -> Audience {
        let everyone = operands.isByServer ? socket.namespace.everyone : socket.broadcast
        let audience = operands.rooms.isEmpty ? everyone : everyone.to(operands.rooms)
        return audience.except(SocketOperations.name(number))
    }

    private func carryOut(_ change: SocketChange, on audience: Audience) {
        switch change {
        case .join(let rooms): audience.socketsJoin(rooms)
        case .leave(let rooms): audience.socketsLeave(rooms)
        case .disconnect(let close):
            audience.disconnectSockets(close: close)
            world.disturb(disconnectOn: loop)
        }
    }

    /// Fetches sockets and checks the answer.
    private func fetch(
        _ number: Int, _ operands: ClientRequest.Operands, _ timeout: Int, _ socket: isolated Socket
    ) async {
        do {
            let sockets = try await audience(of: operands, number, for: socket)
                .fetchSockets(timeout: .milliseconds(timeout))
            world.operations.check(number, sockets)
        } catch FetchError.tooLarge(let count) {
            world.operations.check(number, tooLarge: count, limit: world.settings.limits.fetchAnswer)
        } catch {
            world.record.note(.fetchTimedOut)
        }
    }

    /// Sends the client a question and records the outcome.
    private func ask(_ number: Int, _ timeout: Int, _ socket: isolated Socket) async {
        world.questions.began(number, until: world.milliseconds + timeout)
        do {
            let answer = try await socket.emitWithAcknowledgement(
                EventText.question, Arguments(EventText.arguments(number)), timeout: .milliseconds(timeout))
            world.questions.ended(number, with: .answer(Array(answer)))
        } catch AcknowledgementError.timedOut {
            world.questions.ended(number, with: .timeout)
        } catch {
            world.questions.ended(number, with: .disconnected)
        }
    }
}

extension Event {
    /// The event's number and its binary data.
    fileprivate var data: [Argument] {
        arguments.enumerated().compactMap { index, argument in
            if case .binary = argument { argument } else { index == 0 ? argument : nil }
        }
    }

    fileprivate var requests: [ClientRequest] {
        arguments.dropFirst().compactMap { argument in
            if case .json(let json) = argument { ClientRequest(json) } else { nil }
        }
    }
}
