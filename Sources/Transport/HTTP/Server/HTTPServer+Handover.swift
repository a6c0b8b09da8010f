/// Requests that other workers handle, if several accept connections on the same sockets.
extension HTTPServer {
    /// Decides where a request is handled.
    /// - Parameter isPassedOn: true if another worker has passed the request on to this one.
    func destination(of head: HTTPRequestHead, isPassedOn: Bool) -> SessionRouting.Destination {
        guard let handover, let handler = handler(for: head) as? any RoutedHandler else { return .here }
        return handover.destination(of: handler.routingKey(for: head), isPassedOn: isPassedOn)
    }

    /// Serves a connection that another worker has passed on. It is served even while this server shuts down: the
    /// client gets the answer that its session has ended.
    func takeOver(_ passed: PassedConnection) {
        counters.takenOver += 1
        loop.observer?.noted(.connectionTakenOver)
        // The worker that accepted it, and read its PROXY header, has checked the limits. So no limit refuses it here.
        let count = count(ofPeer: passed.peer.address)
        let channel = Channel(passed: passed.descriptor, loop: loop, openChannels: count)
        accept(channel, from: passed.peer, isPassedOn: true)?.channelRead(passed.received.span.bytes)
    }
}
