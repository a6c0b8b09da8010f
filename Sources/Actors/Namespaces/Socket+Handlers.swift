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
            guard startHandlers(for: input) else { return }
            next = inputs.finish()
        }
        // The disconnect handlers have returned, and no handler can run any more.
        if phase == .gone { dropHandlers() }
    }

    /// - Returns: True if the handlers have returned, false if one is suspended.
    func startHandlers(for input: SocketInput) -> Bool {
        let shared = namespace.handlerRegistry.snapshot
        let own = ownHandlers.load()?.snapshot
        switch input {
        case .connected:
            return run(shared.table.connection, with: ())
        case .event(let event):
            return run(
                shared.table.handlers(of: event.name, and: own), with: event, acknowledgement: event.acknowledgement)
        case .ended(let reason):
            let own = own?.table ?? HandlerTable()
            return run(
                shared.table.disconnecting + own.disconnecting + shared.table.disconnect + own.disconnect,
                with: reason, isCancelledByClosing: false)
        }
    }

    /// Runs handlers until one is suspended or none is left.
    /// - Returns: True if the handlers have returned, false if one is suspended.
    private func run<Input: Sendable>(
        _ entries: [HandlerEntry<Input>], with input: Input, acknowledgement: Acknowledgement? = nil,
        isCancelledByClosing: Bool = true
    ) -> Bool {
        for (index, entry) in entries.enumerated() {
            switch entry.handler {
            case .synchronous(let handler):
                guard isDue(entry, input) else { continue }
                do {
                    if let answer = try handler(self, input) { acknowledgement?(answer) }
                } catch {
                    guard proceeds(after: error, of: entry) else { return true }
                }
            case .concurrent(let handler) where concurrentHandlers?.isFull != true:
                if isDue(entry, input) { startConcurrently(handler, input, acknowledgement) }
            case .asynchronous, .concurrent:
                startTask(isCancelledByClosing: isCancelledByClosing) {
                    await self.runRemaining(entries[index...], with: input, acknowledgement)
                    await self.handlersReturned()
                }
                return false
            }
        }
        return true
    }

    /// Runs the handlers from the first one that is suspended or has to wait.
    private func runRemaining<Input: Sendable>(
        _ entries: ArraySlice<HandlerEntry<Input>>, with input: Input, _ acknowledgement: Acknowledgement?
    ) async {
        for entry in entries where isDue(entry, input) {
            do {
                switch entry.handler {
                case .synchronous(let handler):
                    if let answer = try handler(self, input) { acknowledgement?(answer) }
                case .asynchronous(let handler):
                    if let answer = try await handler(self, input) { acknowledgement?(answer) }
                case .concurrent(let handler):
                    await withCheckedContinuation { continuation in
                        guard let concurrentHandlers else { return continuation.resume() }
                        concurrentHandlers.resumeWhenFree(continuation)
                    }
                    startConcurrently(handler, input, acknowledgement)
                }
            } catch {
                guard proceeds(after: error, of: entry) else { return }
            }
        }
    }

    private func startConcurrently<Input: Sendable>(
        _ handler: @escaping @Sendable (isolated Socket, Input) async throws -> Arguments?, _ input: Input,
        _ acknowledgement: Acknowledgement?
    ) {
        let running = concurrentHandlers ?? ConcurrentHandlers(limit: worker.loop.limits.concurrentHandlers)
        concurrentHandlers = running
        running.started()
        startTask { await self.runConcurrently(handler, input, acknowledgement) }
    }

    private func runConcurrently<Input: Sendable>(
        _ handler: @Sendable (isolated Socket, Input) async throws -> Arguments?, _ input: Input,
        _ acknowledgement: Acknowledgement?
    ) async {
        do {
            if let answer = try await handler(self, input) { acknowledgement?(answer) }
        } catch {
            report(error)
        }
        concurrentHandlers?.returned()
    }

    /// Starts a task on the loop.
    /// - Parameter isCancelledByClosing: True to cancel the task when the server closes.
    func startTask(isCancelledByClosing: Bool = true, _ body: @escaping @Sendable () async -> Void) {
        _ = worker.handlerTasks.assumeIsolated { $0.start(isCancelledByClosing: isCancelledByClosing, body) }
    }

    /// Returns false for a handler that runs once and was called or removed before. Removes such a handler.
    private func isDue<Input: Sendable>(_ entry: HandlerEntry<Input>, _ input: Input) -> Bool {
        guard entry.role == .once, let event = input as? Event else { return true }
        return namespace.handlerRegistry.take(entry.token, of: event.name)
            || ownHandlers.load()?.take(entry.token, of: event.name) == true
    }

    /// Handles the error of a handler.
    /// - Returns: True if the event's next handler runs.
    private func proceeds<Input: Sendable>(after error: any Error, of entry: HandlerEntry<Input>) -> Bool {
        guard entry.role == .check else {
            report(error)
            return true
        }
        eventRefused(error)
        return false
    }

    /// Reports the error of a handler to the server, except the error with which a cancelled task ends.
    func report(_ error: any Error) {
        if error is CancellationError, Task.isCancelled { return }
        worker.handlerFailed(error, in: namespace.name)
    }

    func handlersReturned() {
        dropAuthIfNotKept()
        if let next = inputs.finish() { handle(next) } else if phase == .gone { dropHandlers() }
        let limits = worker.loop.limits
        if inputs.count < limits.waitingEvents / 2, inputs.byteCount <= limits.waitingEventBytes / 2 {
            connection.assumeIsolated { $0.resume(.handlers(id)) }
        }
    }
}
