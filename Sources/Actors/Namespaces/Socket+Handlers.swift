extension Socket {
    func receiveEvent(_ packet: Packet) {
        guard phase != .gone, let name = packet.name else { return }
        let acknowledgement = packet.acknowledgementID.map { Acknowledgement(to: $0, of: self) }
        let event = Event(name: name, arguments: packet.arguments, acknowledgement: acknowledgement)
        hold(packet.byteCount)
        enqueue(.event(event), byteCount: packet.byteCount)
        let limits = worker.loop.limits
        if inputs.count >= limits.waitingEvents || inputs.byteCount > limits.waitingEventBytes {
            connection.assumeIsolated { $0.pause(.handlers(id)) }
        }
    }

    func enqueue(_ input: SocketInput, byteCount: Int = 0) {
        if let input = inputs.enqueue(input, byteCount: byteCount) { handle(input) }
    }

    /// Runs handlers until one is suspended or none is left.
    private func handle(_ first: SocketInput) {
        var next: SocketInput? = first
        while let input = next {
            guard startHandler(for: input) else { return }
            next = inputs.finish()
        }
    }

    /// - Returns: True if the handler has returned, false if it is suspended.
    func startHandler(for input: SocketInput) -> Bool {
        switch input {
        case .connected: call(namespace.handlers.connection, with: ())
        case .event(let event): call(namespace.handler(of: event.name), with: event)
        case .ended(let reason): call(namespace.handlers.disconnect, with: reason)
        }
    }

    private func call<Input: Sendable>(_ handler: Handler<Input>?, with input: Input) -> Bool {
        switch handler {
        case nil:
            return true
        case .synchronous(let handler):
            do {
                try handler(self, input)
            } catch {
                worker.handlerFailed(error, in: namespace.name)
            }
            return true
        case .asynchronous(let handler):
            worker.loop.startTask { await self.callSuspending(handler, with: input) }
            return false
        }
    }

    private func callSuspending<Input: Sendable>(
        _ handler: @Sendable (isolated Socket, Input) async throws -> Void, with input: Input
    ) async {
        do {
            try await handler(self, input)
        } catch {
            worker.handlerFailed(error, in: namespace.name)
        }
        handlerReturned()
    }

    func handlerReturned() {
        dropAuthIfNotKept()
        if let next = inputs.finish() { handle(next) }
        let limits = worker.loop.limits
        if inputs.count < limits.waitingEvents / 2, inputs.byteCount <= limits.waitingEventBytes / 2 {
            connection.assumeIsolated { $0.resume(.handlers(id)) }
        }
    }
}
