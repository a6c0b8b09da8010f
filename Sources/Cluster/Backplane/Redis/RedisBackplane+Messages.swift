import Actors
import Transport

/// Publishing and receiving.
extension RedisBackplane {
    func enqueue(_ message: OutgoingMessage) {
        let name = message.message.namespace
        subscribe(to: name)
        guard let (channel, payload) = namespaces[name]?.encode(message, node: node) else { return }
        outbox.append(RedisOutbox.Message(channel: channel, payload: payload, counts: message.message.hostMessage))
    }

    func enqueue(_ question: BackplaneQuestion, _ number: UInt64) {
        let name = question.namespace
        subscribe(to: name)
        let requestID = ClassicRequest.makeID(random: loop.machine.random())
        guard isConnected, outbox.hasRoom, let namespace = namespaces[name],
            let (channel, payload) = namespace.encode(question, requestID: requestID)
        else {
            receive?(.questionEnded(number, isComplete: false))
            return
        }
        questions.open(number, requestID: requestID, asksClients: question.asksClients)
        outbox.append(RedisOutbox.Message(channel: channel, payload: payload, requestID: requestID))
        flush()
    }

    func enqueue(_ answer: BackplaneAnswer, to asker: BackplaneAsker) {
        guard outbox.hasRoom else {
            receive?(.ignored(reason: "\(outbox.byteCount) bytes wait for the server, so its question has no answer"))
            return
        }
        let (channel, payload) = RedisNamespace.encode(answer, to: asker, prefix: url.prefix)
        outbox.append(RedisOutbox.Message(channel: channel, payload: payload))
        flush()
    }

    func flush() {
        guard isConnected, unconfirmed.isEmpty, let publisher else { return }
        while publisher.room > 1, let message = outbox.next() {
            let channel = Array(message.channel.utf8)
            if message.requestID != nil || message.counts != nil,
                let command = publisher.send(RedisCommand("PUBSUB", "NUMSUB", values: [channel]))
            {
                if let requestID = message.requestID { questions.counts(command, for: requestID) }
                hostCounts[command] = message.counts
            }
            let command = publisher.send(RedisCommand("PUBLISH", values: [channel, message.payload]))
            if let command { outbox.sent(message, as: command) }
        }
    }

    /// Handles the answer to a command.
    func answered(_ command: UInt64, _ result: Result<RESPValue, RedisError>) {
        outbox.answered(command)
        if let check = checks.removeValue(forKey: command) {
            checked(check, result)
        } else if let message = hostCounts.removeValue(forKey: command) {
            // Without the right to count the hosts, a claim waits until its time is up.
            let count = (try? result.get())?.subscriptionCount
            if let count { receive?(.hostsCounted(message, others: max(0, count - 1))) }
        } else {
            switch result {
            case .success(let value):
                if let count = value.subscriptionCount { report(questions.counted(command, count)) }
            case .failure(let error):
                // Without the right to count the nodes, a question ends when its time is up.
                guard questions.countFailed(command) else { return ended("\(error)") }
            }
        }
        flush()
    }

    private func report(_ progress: RedisQuestions.Progress?) {
        guard let progress else { return }
        if let answer = progress.answer { receive?(.answered(progress.number, answer)) }
        if progress.isComplete { receive?(.questionEnded(progress.number, isComplete: true)) }
    }

    func received(_ message: RedisMessage) {
        let key = String(decoding: message.pattern ?? message.channel, as: UTF8.self)
        guard let namespace = subscriptions[key].flatMap({ namespaces[$0] }) else { return }
        do throws(FormatError) {
            let channel = String(decoding: message.channel, as: UTF8.self)
            switch try namespace.decode(message.payload, from: channel) {
            case .message(let decoded, let stamp): deliver(decoded, stamp, in: namespace.name)
            case .question(let question, let asker): receive?(.asked(question, asker))
            case .answer(let response): report(questions.receive(response))
            case nil: break
            }
        } catch {
            receive?(.ignored(reason: "\(error)"))
        }
    }

    private func deliver(_ message: BackplaneMessage, _ stamp: EventStamp?, in namespace: String) {
        guard let stamp else {
            receive?(.received(message, row: nil))
            return
        }
        if stamp.node == node {
            // The server accepts and delivers messages. Earlier, the user may lack a right, or the server be a replica.
            backoff = ReconnectDelay()
            receive?(.returned(UInt64(stamp.number)))
            return
        }
        switch namespaces[namespace]?.see(stamp) {
        case .gap: receive?(.gap)
        case .first: nodeAppeared()
        case .next, nil: break
        }
        receive?(.received(message, row: stamp.row.map { Int64($0) }))
    }
}

extension BackplaneMessage {
    /// The namespace that the message belongs to.
    var namespace: String {
        switch self {
        case .event(let broadcast): broadcast.namespace
        case .change(let selection, _): selection.namespace
        case .serverEvent(let event): event.namespace
        case .marker(let namespace): namespace
        case .host(let message): message.namespace
        }
    }

    /// The question for sessions, whose sender needs the number of other hosts.
    fileprivate var hostMessage: HostMessage? {
        if case .host(let message) = self, case .ask = message.content { message } else { nil }
    }
}

extension BackplaneQuestion {
    /// The namespace that the question belongs to.
    fileprivate var namespace: String {
        switch self {
        case .sockets(let selection): selection.namespace
        case .rooms(let namespace): namespace
        case .clients(let broadcast): broadcast.namespace
        case .servers(let event): event.namespace
        }
    }

    /// True if clients answer, after the hosts have told how many.
    fileprivate var asksClients: Bool {
        if case .clients = self { true } else { false }
    }
}
