/// The access log.
extension HTTPConnection {
    /// A request begins.
    func beginAccess(_ exchange: HTTPExchange) {
        guard let report = server.access else { return }
        access = HTTPAccessEntry(
            exchange.request.head, address: exchange.peer, at: channel.loop.machine.now, report: report)
    }

    /// The request has ended, or the connection.
    func endAccess() {
        guard let entry = access else { return }
        access = nil
        entry.end(sent: channel.queuedBytes, at: channel.loop.machine.now)
    }

    /// The server refuses a request itself.
    /// - Parameter head: the request's head, if it is known.
    func reportRefusal(_ response: HTTPResponse, to head: HTTPRequestHead?) {
        guard let report = server.access else { return }
        let entry = access ?? HTTPAccessEntry(head, address: peer.address, at: channel.loop.machine.now, report: report)
        access = entry
        entry.answer(status: response.status.code, after: channel.queuedBytes)
        entry.complete()
    }
}
