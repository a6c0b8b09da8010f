extension EngineSession: WebSocketHandler {
    public func webSocketReceived(_ messages: [WebSocketMessage]) {
        var received: [EngineMessage] = []
        received.reserveCapacity(messages.count)
        for message in messages {
            switch message {
            case .binary(let bytes):
                received.append(.binary(bytes))
            case .text(let bytes):
                switch machine.webSocketReceived(
                    text: bytes, at: server.loop.now, judgesHeartbeat: !server.loop.isCatchingUp)
                {
                case .deliver(let message): received.append(message)
                case .ignore: followPong()
                case .close(let actions):
                    deliver(&received)
                    return perform(actions)
                }
            }
        }
        deliver(&received)
    }

    public func webSocketEnded(_ end: WebSocketEnd) {
        webSocket = nil
        perform(machine.webSocketEnded(end == .closedByPeer ? .transportClose : .transportError))
    }

    public func webSocketDrained() {
        handler?.sessionDrained()
    }
}
