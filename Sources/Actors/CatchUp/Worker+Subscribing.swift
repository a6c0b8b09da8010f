import Transport

extension Worker {
    /// Handles the hub's answer to a subscription: the stream now carries every new message.
    func subscribed(_ id: SessionID, highest: Int64) {
        guard let socket = sockets[id] else { return }
        if let event = socket.namespace.messageSettings.event {
            stream.feed.encoding = MessageEncoding(
                event: event, namespace: socket.namespace.name, epoch: keepsSessions ? terms.epoch : nil)
        }
        followers.assumeIsolated { $0.subscribed(socket, highest: highest) }
    }
}
