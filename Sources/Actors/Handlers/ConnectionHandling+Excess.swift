/// An event over its client's rate.
struct ExcessEvent: Sendable {
    let event: Event
    /// The time until the client may send it again.
    let retryAfter: Duration
}

extension ConnectionHandling {
    /// Adds a handler that may refuse events over the client's rate (``ServerOptions/messageRate``). Without one, such
    /// an event waits until the rate allows it.
    ///
    /// Only an event with an acknowledgement can be refused. After a refusal, further events over the rate wait, until
    /// the rate has allowed one. The handler must not store or pass on the event: the client has to send it again.
    /// - Parameter handler: Called with the event and the time after which the client may send it again. Returns the
    ///   arguments of the acknowledgement that refuses the event; nil to let it wait.
    @discardableResult
    public func onExcess(
        _ handler: @escaping @Sendable (isolated Socket, Event, Duration) -> Arguments?
    ) -> HandlerToken {
        handlerRegistry.add(
            .synchronous { socket, excess in handler(socket, excess.event, excess.retryAfter) }, to: \.excess)
    }
}

extension Socket {
    /// - Returns: true if a handler has refused the event of this packet.
    func refusesExcess(_ packet: Packet, retryAfter: Duration) -> Bool {
        guard phase == .connected, let name = packet.name, let id = packet.acknowledgementID else { return false }
        let event = Event(name: name, arguments: packet.arguments, acknowledgement: nil)
        for entry in namespace.handlerRegistry.snapshot.table.excess {
            guard case .synchronous(let handler) = entry.handler,
                let answer = try? handler(self, ExcessEvent(event: event, retryAfter: retryAfter))
            else { continue }
            Acknowledgement(to: id, of: self)(answer)
            return true
        }
        return false
    }

    /// Charges work for the client to ``ServerOptions/byteRate``, as if the client had sent so many bytes.
    /// - Parameter bytes: The size of the work, at least 0, for example the bytes that an answer has read from a file.
    public func charge(bytes: Int) {
        connection.assumeIsolated { $0.charge(max(0, bytes)) }
    }
}
