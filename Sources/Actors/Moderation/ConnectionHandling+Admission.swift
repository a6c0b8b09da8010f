extension ConnectionHandling {
    /// Sets the function that keeps banned clients out. It runs at every CONNECT, once it is known who the
    /// client is, and before the client's claim to an earlier session.
    /// - Parameter check: Throws to reject the client, which receives `connect_error`, as in `use`. The rejected
    ///   client's kept session stays.
    package func admit(_ check: @escaping @Sendable (Handshake) throws -> Void) {
        handlerRegistry.change { $0.admission = check }
    }
}

extension Connection {
    /// Asks the application whether the client may enter.
    /// - Returns: false if the client was refused.
    func isAdmitted(
        to namespace: Namespace, as identity: ClientIdentity?, auth: JSONText?, after pending: PendingConnect?
    ) -> Bool {
        guard let check = namespace.handlerRegistry.snapshot.table.admission else { return true }
        do {
            try check(handshake(auth: auth, identity))
            return true
        } catch {
            let error = connectError(for: error, in: namespace.name)
            refuseEntry(to: namespace, error, because: .ban, after: pending)
            return false
        }
    }
}
