import Transport

/// The worker's answers to inquiries, which it collects from its clients or gets from its handlers.
extension Worker {
    /// Handles an inquiry at its place in the stream.
    func inquired(_ number: UInt64, _ target: Inquiry.Target) {
        switch target {
        case .clients(let broadcast): askClients(broadcast, for: .hub(number))
        case .servers(let event): handle(event, inquiry: number)
        }
    }

    /// Drops an inquiry whose asker does not wait any more.
    func inquiryDismissed(_ number: UInt64) {
        inquiries.clients.dismiss(.hub(number))
        inquiries.unanswered.remove(number)
    }

    /// Sends an event with an acknowledgement id to the clients of an audience. The event is encoded once. It carries
    /// no offset; clients do not look for one in an event that they can acknowledge.
    func askClients(_ broadcast: Broadcast, for asker: AskedClients.Asker) {
        let id = asker.acknowledgementID
        guard let event = broadcast.event.expectingAcknowledgement(id, namespace: broadcast.namespace) else {
            return forward(AskedClients.Report(asker: asker, state: .incomplete))
        }
        if !outgoingHandlerSockets.isEmpty {
            callOutgoingHandlers(EventRun(broadcast, position: 0), sockets.recipients(of: broadcast))
        }
        let recipients = sockets.recipients(of: broadcast).sockets
        let reached = broadcast.isVolatile ? recipients.filter { isReady($0) } : recipients
        let end = inquiries.clients.expect(
            Set(reached.map(\.id)), for: asker, isIncomplete: reached.count < recipients.count)
        if let end { return forward(end) }
        let frames = Frames(utf8: event.text, attachments: event.attachments)
        for socket in reached { socket.assumeIsolated { $0.write(frames) } }
    }

    /// True if the client receives volatile events now.
    private func isReady(_ socket: Socket) -> Bool {
        socket.connection.assumeIsolated { $0.pendingBytes } <= loop.limits.slowMark
    }

    /// Handles a client's acknowledgement of an event that went to several clients.
    func clientAnswered(_ acknowledgementID: UInt64, _ client: Socket, _ arguments: Arguments) {
        if let news = inquiries.clients.answered(acknowledgementID, by: client.id, arguments) { forward(news) }
    }

    /// Expects no more answers from a client that is gone.
    func clientEnded(_ client: SessionID) {
        for end in inquiries.clients.clientEnded(client) { forward(end) }
    }

    private func forward(_ news: AskedClients.Report) {
        switch news.asker {
        case .hub(let number):
            submit(.answer(InquiryReport(number: number, answers: news.answers, state: news.state)))
        case .local(let number):
            inquiryAnswered(InquiryReport(number: number, answers: news.answers, state: news.state))
        }
    }
}
