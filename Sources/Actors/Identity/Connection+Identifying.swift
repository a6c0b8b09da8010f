import Transport

/// CONNECTs to a namespace that must know who its clients are.
extension Connection {
    /// Above this number of CONNECTs without an answer, a further check pauses reading from the client.
    private static let maxChecks = 16

    /// Finds out who the client is, and lets it in.
    func identify(in namespace: Namespace, by check: IdentityCheck, auth: JSONText?, after pending: PendingConnect?) {
        do {
            switch check {
            case .immediate(let check):
                let identity = try check(handshake(auth: auth))
                enter(namespace, as: identity, auth: auth, after: pending)
            case .asynchronous(let check):
                if pending == nil { hold(auth?.utf8.count ?? 0) }
                var pending = pending ?? PendingConnect(auth: auth)
                pending.namespace = namespace
                pendingConnects[namespace.name] = pending
                if pendingConnects.count > Self.maxChecks { pause(.connect(namespace.name)) }
                let handshake = handshake(auth: auth)
                    .with(ConnectAttempt(namespace: namespace.name, on: worker.loop))
                _ = worker.handlerTasks.assumeIsolated {
                    $0.start { await self.identifyLater(in: namespace, by: check, handshake) }
                }
            }
        } catch {
            refuseUnidentified(namespace, error, after: pending)
        }
    }

    private func identifyLater(
        in namespace: Namespace, by check: @Sendable (Handshake) async throws -> ClientIdentity, _ handshake: Handshake
    ) async {
        let result: Result<ClientIdentity, any Error>
        do {
            result = .success(try await check(handshake))
        } catch {
            result = .failure(error)
        }
        // At its end the connection has ended the use of the namespace.
        guard let pending = pendingConnects.removeValue(forKey: namespace.name), !hasEnded else { return }
        switch result {
        case .success(let identity): enter(namespace, as: identity, auth: handshake.auth, after: pending)
        case .failure(let error):
            refuseUnidentified(namespace, error, after: pending)
        }
    }

    /// Tells a client that it may not enter. A client of which that is not known is sent away, so that it returns.
    private func refuseUnidentified(_ namespace: Namespace, _ error: any Error, after pending: PendingConnect?) {
        guard let unavailable = error as? IdentityUnavailable else {
            let isRefusal = error is ConnectError || error is TokenError || error is any ClientError
            let reason = isRefusal ? RefusedClient.Reason.identity : .identityUnavailable
            return refuseEntry(
                to: namespace, connectError(for: error, in: namespace.name), because: reason, after: pending)
        }
        let reason = unavailable.isBusy ? RefusedClient.Reason.identity : .identityUnavailable
        let error = IdentityUnavailable.connectError
        guard sockets.isEmpty else { return refuseEntry(to: namespace, error, because: reason, after: pending) }
        endUse(of: namespace)
        note(reason, of: namespace.name, error)
        leftNamespaces.insert(namespace.name)
        if let pending { release(pending.byteCount) }
        session.value.sendAway(.forcedClose, code: .tryAgainLater)
    }

    /// Tells a client that it may not enter.
    /// - Parameter pending: The CONNECT, if it had to wait.
    func refuseEntry(
        to namespace: Namespace, _ error: ConnectError, because reason: RefusedClient.Reason,
        after pending: PendingConnect?
    ) {
        endUse(of: namespace)
        if let pending { return refuse(namespace.name, error, because: reason, after: pending) }
        leftNamespaces.insert(namespace.name)
        refuse(namespace.name, error, because: reason)
    }
}
