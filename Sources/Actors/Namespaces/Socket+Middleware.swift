extension Socket {
    /// Starts a new session if the middleware accepts it.
    func startFresh() {
        runMiddleware { $0.register() }
    }

    /// Resumes a session at once or, depending on the options, once the middleware has accepted it.
    func startRecovered(_ session: RecoveredSession) {
        takeOver(session)
        if worker.options.skipsMiddlewareOnRecovery { return recover(session, missedSince: []) }
        worker.assumeIsolated { $0.awaitMiddleware(self, rooms: session.rooms) }
        runMiddleware { socket in
            guard socket.phase == .connecting else { return }
            let missed = socket.worker.assumeIsolated { $0.takeMissedEvents(of: socket.id) }
            socket.recover(session, missedSince: missed)
        }
    }

    /// Runs the namespace's middleware, and `accept` if it does not reject the client.
    private func runMiddleware(then accept: @escaping @Sendable (isolated Socket) -> Void) {
        let checks = namespace.handlerRegistry.snapshot.table.middleware
        for (index, check) in checks.enumerated() {
            do {
                guard case .synchronous(let check) = check.handler else {
                    startTask { await self.runRemaining(checks[index...], then: accept) }
                    return
                }
                _ = try check(self, ())
            } catch {
                return refuse(connectError(for: error))
            }
        }
        accept(self)
    }

    /// Runs the checks from the first asynchronous one.
    private func runRemaining(
        _ checks: ArraySlice<HandlerEntry<Void>>, then accept: @Sendable (isolated Socket) -> Void
    ) async {
        for check in checks {
            do {
                switch check.handler {
                case .synchronous(let check): _ = try check(self, ())
                case .asynchronous(let check), .concurrent(let check): _ = try await check(self, ())
                }
            } catch {
                return refuse(connectError(for: error))
            }
        }
        accept(self)
    }

    /// The error that the client receives. An error that is not meant for the client is reported to the server.
    private func connectError(for error: any Error) -> ConnectError {
        if let error = error as? ConnectError { return error }
        report(error)
        return .internalError
    }
}
