import Actors
import Transport

/// Publishing and receiving.
extension RedisBackplane {
    func enqueue(_ message: OutgoingMessage) {
        let name = message.message.namespace
        subscribe(to: name)
        guard stream == nil else { return add(message, in: name) }
        guard let (channel, payload) = namespaces[name]?.encode(message, node: node) else { return }
        var entry = RedisPublication(
            channel: channel, payload: payload, number: message.number, counts: message.message.question)
        if case .roomMarker = message.message {
            entry.subscription = roomSubscription.map { (connection: connectionNumber, command: $0) }
        }
        outbox.append(entry)
    }

    func enqueue(_ question: BackplaneQuestion, _ number: UInt64) {
        let name = question.namespace
        subscribe(to: name)
        let requestID = namespaces[name]?.dialect.makeRequestID(random: loop.machine.random()) ?? ""
        guard isConnected, !isLeaving, outbox.hasRoom, let namespace = namespaces[name],
            let (channel, payload) = namespace.dialect.encode(question, requestID: requestID, after: nil)
        else {
            receive?(.questionEnded(number, isComplete: false))
            return
        }
        questions.open(number, requestID: requestID, asksClients: question.asksClients)
        if stream != nil {
            ask(question, requestID: requestID)
        } else {
            outbox.append(RedisPublication(channel: channel, payload: payload, requestID: requestID))
        }
        flush()
    }

    func enqueue(_ answer: BackplaneAnswer, to asker: BackplaneAsker) {
        guard outbox.hasRoom else {
            receive?(.problem(reason: "\(outbox.byteCount) bytes wait for the server, so a question has no answer"))
            return
        }
        // The namespace may have been released since the question came.
        let dialect =
            namespaces[asker.namespace]?.dialect
            ?? pubSub.dialect(of: asker.namespace, prefix: url.prefix, random: loop.machine.random())
        let (channel, payload) = dialect.encode(answer, to: asker)
        outbox.append(RedisPublication(channel: channel, payload: payload))
        flush()
    }

    func isConfirmed(_ subscription: UInt64?) -> Bool {
        guard let subscription else { return true }
        return confirmedSubscription.map { $0 >= subscription } ?? false
    }

    /// False if the message waits for a subscription. One of an earlier connection does not count: the present one is
    /// complete when all rooms are subscribed again.
    private func isReady(_ message: RedisPublication) -> Bool {
        guard let subscription = message.subscription, subscription.connection == connectionNumber else { return true }
        return isConfirmed(subscription.command)
    }

    func flush() {
        guard isConnected, unconfirmed.isEmpty, let publisher else { return }
        flushStream()
        flushSessions()
        while publisher.room > 1, let message = outbox.next(isReady) {
            if message.requestID != nil || message.counts != nil,
                let command = publisher.send(pubSub.count(message.channel))
            {
                if let requestID = message.requestID { questions.counts(command, for: requestID) }
                hostCounts[command] = message.counts
            }
            let command = publisher.send(pubSub.publish(message.payload, in: message.channel))
            if let command { outbox.sent(message, as: command) }
        }
    }

    /// Handles the answer to a command.
    func answered(_ command: UInt64, _ result: Result<RESPValue, RedisError>) {
        guard isReady else { return latestNumberAnswered(command, result) }
        if let number = outbox.answered(command) { returnCheck.took(number) }
        if addition(command, result) || sessionCommand(command, result) { return flush() }
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
                guard questions.countFailed(command) else { return ended(RedisPubSub.reason(of: error)) }
            }
        }
        flush()
    }

    /// Asks the receiving connection for an answer, behind which the message cannot come back. A stream needs no check:
    /// an entry is read, or skipped, and then the next one that is read shows that it is lost.
    func askForReturn(of number: UInt64) {
        guard isConnected, !isLeaving, stream == nil, returnCheck.ask(about: number) else { return }
        returnRequest = subscriber?.ping()
        if returnRequest == nil { _ = returnCheck.answered() }
    }

    func returnRequestAnswered() {
        returnRequest = nil
        if returnCheck.answered() { ended("messages do not come back") }
    }

    private func report(_ progress: QuestionProgress?) {
        guard let progress else { return }
        if let answer = progress.answer { receive?(.answered(progress.number, answer)) }
        if progress.hasEnded { receive?(.questionEnded(progress.number, isComplete: true)) }
    }

    func received(_ message: RedisMessage) {
        let key = String(decoding: message.pattern ?? message.channel, as: UTF8.self)
        let name = subscriptions[key]
        if let name { received(message, in: name) }
        // Names may contain separators, so the channel of a room may be that of another room or namespace too.
        for other in rooms.namespaces(of: key).sorted() where other != name { received(message, in: other) }
    }

    private func received(_ message: RedisMessage, in name: String) {
        guard let namespace = namespaces[name] else { return }
        do throws(FormatError) {
            let channel = String(decoding: message.channel, as: UTF8.self)
            switch try namespace.decode(message.payload, from: channel) {
            case .message(let decoded, let stamp): deliver(decoded, stamp, in: namespace.name, nil)
            case .question(let question, let asker, let after): receive(question, asker, after: after)
            case .answer(let answer): report(questions.receive(answer))
            case nil: break
            }
        } catch {
            receive?(.ignored(reason: "\(error)"))
        }
    }

    /// - Parameter entry: the name of the message in a stream.
    func deliver(_ message: BackplaneMessage, _ stamp: EventStamp?, in namespace: String, _ entry: EntryID?) {
        guard let stamp else { return pass(message, row: nil, entry) }
        if stamp.node == node {
            // The server accepts and delivers messages. Earlier, the user may lack a right, or the server be a replica.
            backoff = ReconnectDelay()
            outage.end()
            returnCheck.returned(UInt64(stamp.number))
            receive?(.returned(UInt64(stamp.number), entry: entry))
            return
        }
        switch namespaces[namespace]?.numbers.see(stamp) {
        case .gap: receive?(.gap)
        case .first: nodeAppeared()
        case .late: return
        case .next, nil: break
        }
        pass(message, row: stamp.row.map { Int64($0) }, entry)
    }

    /// Passes a message of another host on. Until the connection is complete, others before it may be lost.
    private func pass(_ message: BackplaneMessage, row: Int64?, _ entry: EntryID?) {
        if !isConnected, stream == nil { receive?(.gap) }
        receive?(.received(message, row: row, entry: entry))
    }
}

extension BackplaneMessage {
    /// The question for sessions, whose sender needs the number of other hosts.
    var question: HostMessage? {
        if case .host(let message) = self, case .ask = message.content { message } else { nil }
    }
}

/// A message for a channel.
struct RedisPublication: OutboxMessage {
    let channel: String
    let payload: [UInt8]
    var number: UInt64?
    /// The id of the question in the message; nil for another message.
    var requestID: String?
    /// The command of a subscription that the server must have confirmed before; nil for none.
    var subscription: (connection: Int, command: UInt64)?
    /// The question for sessions in the message; nil for another message.
    var counts: HostMessage?

    var byteCount: Int { channel.utf8.count + payload.count }
}
