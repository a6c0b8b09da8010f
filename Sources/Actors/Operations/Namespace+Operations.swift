import Transport

/// The sockets of this worker.
extension Namespace {
    /// The connected sockets of this worker, by id.
    public var sockets: [SessionID: Socket] {
        get async { await everyone.worker?.members(of: name) ?? [:] }
    }

    /// The connected socket of this worker with this id; nil if there is none.
    public func socket(_ id: SessionID) async -> Socket? {
        await everyone.worker?.member(id, of: name)
    }
}

extension Worker {
    func members(of namespace: String, in rooms: [String] = []) -> [SessionID: Socket] {
        let selection = SocketSelection(namespace: namespace, rooms: rooms, exceptions: [])
        let members = sockets.recipients(of: selection).sockets
        return Dictionary(members.map { ($0.id, $0) }) { first, _ in first }
    }

    func member(_ id: SessionID, of namespace: String) -> Socket? {
        guard let socket = sockets[id], socket.namespace.name == namespace, socket.assumeIsolated({ $0.isConnected })
        else { return nil }
        return socket
    }
}
