extension Socket: EventHandling {
    /// The handlers of this socket, which are released when it ends. For each event, the catch-all handlers run first,
    /// then the socket's middleware, then the handlers of the event's name; in each group the namespace's come first.
    public nonisolated var handlerRegistry: HandlerRegistry {
        ownHandlers.load() ?? ownHandlers.storeIfNil(HandlerRegistry())
    }

    /// Adds middleware for this socket's events. It runs after the catch-all handlers and before the handlers of an
    /// event's name.
    /// - Parameter check: Throws to reject the event. Then the event's other handlers do not run, and the error is
    ///   passed to the handlers of ``onError(_:)``. If there are none, it is reported to the server.
    @discardableResult
    public nonisolated func use(
        _ check: @escaping @Sendable (isolated Socket, Event) throws -> Void
    ) -> HandlerToken {
        handlerRegistry.add(SocketHandler(check), to: \.checks, as: .check)
    }

    /// Adds asynchronous middleware for this socket's events. See the synchronous `use`.
    @discardableResult
    public nonisolated func use(
        _ check: @escaping @Sendable (isolated Socket, Event) async throws -> Void
    ) -> HandlerToken {
        handlerRegistry.add(SocketHandler(concurrently: false, check), to: \.checks, as: .check)
    }

    /// Adds a handler of the errors with which middleware (`use`) rejects this socket's events.
    @discardableResult
    public nonisolated func onError(
        _ handler: @escaping @Sendable (isolated Socket, any Error) throws -> Void
    ) -> HandlerToken {
        handlerRegistry.add(SocketHandler(handler), to: \.errors)
    }

    /// Handles the error with which middleware rejected an event.
    func eventRefused(_ error: any Error) {
        let handlers = ownHandlers.load()?.snapshot.table.errors ?? []
        if handlers.isEmpty { report(error) }
        callAll(handlers, with: error)
    }

    /// Calls synchronous handlers whose results do not count.
    func callAll<Input: Sendable>(_ entries: [HandlerEntry<Input>], with input: Input) {
        for entry in entries {
            guard case .synchronous(let handler) = entry.handler else { continue }
            do {
                _ = try handler(self, input)
            } catch {
                report(error)
            }
        }
    }

    /// Releases the handlers and the values of this socket when no handler can run any more. This breaks reference
    /// cycles, because they may retain the socket.
    func dropHandlers() {
        localValues = nil
        ownHandlers.storeIfNil(.closed).close()
    }
}
