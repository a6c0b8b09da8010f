import Transport

/// CONNECTs to names for which there is no namespace yet.
extension Connection {
    /// Above this number of CONNECTs without an answer, a further decision pauses reading from the client.
    private static let maxDecisions = 16

    /// Joins a new namespace of the first parent that allows the name.
    func decide(_ name: String, auth: JSONText?, by parents: [ParentNamespace]) {
        for (index, parent) in parents.enumerated() {
            do {
                switch parent.decision {
                case .immediate(let allows):
                    if try allows(name, auth) { return joinChild(name, of: parent, auth: auth) }
                case .asynchronous:
                    hold(auth?.utf8.count ?? 0)
                    pendingConnects[name] = PendingConnect(auth: auth)
                    if pendingConnects.count > Self.maxDecisions { pause(.connect(name)) }
                    _ = worker.handlerTasks.assumeIsolated {
                        $0.start { await self.decideLater(name, auth: auth, by: parents[index...]) }
                    }
                    return
                }
            } catch {
                return refuse(name, connectError(for: error, in: name), because: .namespace)
            }
        }
        refuse(name, .invalidNamespace, because: .namespace)
    }

    /// Asks the parents from the first asynchronous one.
    private func decideLater(_ name: String, auth: JSONText?, by parents: ArraySlice<ParentNamespace>) async {
        for parent in parents {
            do {
                let isAllowed =
                    switch parent.decision {
                    case .immediate(let allows): try allows(name, auth)
                    case .asynchronous(let allows): try await allows(name, auth)
                    }
                if isAllowed { return decided(name) { $0.joinChild(name, of: parent, auth: auth, after: $1) } }
            } catch {
                return refuseLater(name, connectError(for: error, in: name))
            }
        }
        refuseLater(name, .invalidNamespace)
    }

    private func refuseLater(_ name: String, _ error: ConnectError) {
        decided(name) { $0.refuse(name, error, because: .namespace, after: $1) }
    }

    /// Ends the wait for a decision. Has no effect if the client is gone.
    private func decided(_ name: String, _ answer: (isolated Connection, PendingConnect) -> Void) {
        guard let pending = pendingConnects.removeValue(forKey: name), !hasEnded else { return }
        answer(self, pending)
    }

    private func joinChild(
        _ name: String, of parent: ParentNamespace, auth: JSONText?, after pending: PendingConnect? = nil
    ) {
        let limit = worker.options.maxChildNamespaces
        guard let namespace = worker.namespaces.child(name, of: parent, limit: limit) else {
            worker.report(.tooManyNamespaces(limit: limit))
            let error = ConnectError("too many namespaces")
            guard let pending else { return refuse(name, error, because: .tooManyNamespaces) }
            return refuse(name, error, because: .tooManyNamespaces, after: pending)
        }
        join(namespace, auth: auth, after: pending)
    }

    /// Refuses a CONNECT and drops the packets that arrived after it.
    func refuse(
        _ name: String, _ error: ConnectError, because reason: RefusedClient.Reason, after pending: PendingConnect
    ) {
        release(pending.byteCount)
        leftNamespaces.insert(name)
        refuse(name, error, because: reason)
        resume(.connect(name))
    }

    /// The error that the client receives. An error that is not meant for the client is reported to the server.
    func connectError(for error: any Error, in name: String) -> ConnectError {
        switch error {
        case let error as ConnectError: return error
        case let error as TokenError: return error.connectError
        case let error as any ClientError: return ConnectError(error.clientMessage)
        default: break
        }
        if !(error is CancellationError && Task.isCancelled) { worker.handlerFailed(error, in: name) }
        return .internalError
    }
}
