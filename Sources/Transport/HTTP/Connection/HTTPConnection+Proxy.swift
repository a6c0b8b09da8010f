/// The client's address, as the peer or a trusted proxy states it.
extension HTTPConnection {
    /// Reads the PROXY header with which a trusted peer may begin. It must arrive within the time for the first
    /// request's head.
    /// - Returns: true if a request follows in the backlog.
    func readProxyHeader() -> Bool {
        guard peer.mayBeginWithHeader else { return true }
        switch ProxyHeader.read(backlog.bytes) {
        case .incomplete: return false
        case .absent: peer.begin(with: nil, proxies: server.proxies)
        case .header(let header):
            backlog.advance(by: header.byteCount)
            let accepted = peer.address
            peer.begin(with: header, proxies: server.proxies)
            if peer.address != accepted, !server.count(channel, ofNamedPeer: peer.address) {
                refuseConnection()
                return false
            }
        case .malformed(let error):
            refuse(.text(.badRequest, error.description))
            return false
        }
        return !backlog.isEmpty
    }

    /// Refuses the connection as if its client were known when it was accepted.
    private func refuseConnection() {
        let descriptor = channel.release()
        finish()
        server.refusal.refuse(descriptor, because: .tooManyOfAddress)
    }

    /// Reports a peer whose PROXY header was refused because it is not trusted. Call this before the refusal of a
    /// request that cannot be parsed.
    func noteRefusedHeader() {
        // Only the first bytes are those of a proxy: a client can send the others through a trusted one.
        guard !peer.isTrusted, backlog.bytes.count == channel.receivedBytes, backlog.parsed == 0,
            ProxyHeader.isBegun(by: backlog.bytes)
        else { return }
        server.noteProxyHeader(from: peer.address)
    }

    /// Makes the exchange of a request, with the client that a trusted proxy names in its headers. The requests of a
    /// connection may have different clients, because proxies share their connections between clients.
    func makeExchange(for request: HTTPRequest) -> HTTPExchange {
        guard peer.isTrusted || peer.isSecure else {
            server.noteForwarding(request.head, from: peer.address)
            return begun(HTTPExchange(request: request, peer: peer.address, connection: self))
        }
        var head = request.head
        let forwarded = peer.isTrusted ? ForwardedHeaders(head.headers, proxies: server.proxies) : nil
        head.forwarding = HTTPForwarding(
            isSecure: forwarded?.isSecure ?? (peer.isSecure ? true : nil), authority: forwarded?.authority)
        return begun(
            HTTPExchange(
                request: HTTPRequest(head: head, body: request.body), peer: forwarded?.client ?? peer.address,
                connection: self))
    }

    private func begun(_ exchange: HTTPExchange) -> HTTPExchange {
        beginAccess(exchange)
        return exchange
    }

    /// The exchange that exists since the request's body began, now with the body. Its head has more than the parser's
    /// if a proxy is in front.
    func receivedExchange(of request: HTTPRequest) -> HTTPExchange? {
        guard let exchange else { return nil }
        exchange.request = HTTPRequest(head: exchange.request.head, body: request.body)
        return exchange
    }
}
