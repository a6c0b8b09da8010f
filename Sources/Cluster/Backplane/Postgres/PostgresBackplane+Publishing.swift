import Actors
import Persistence
import Transport

/// Publishing messages, questions and answers.
extension PostgresBackplane {
    func enqueue(_ message: OutgoingMessage) {
        var message = message
        listen(to: message.message.namespace)
        if namespaces[message.message.namespace] == nil {
            // It stays on this host. A marker comes back in its place.
            if case .host(let question) = message.message { receive?(.hostsCounted(question, others: 0)) }
            message = OutgoingMessage(number: message.number, row: message.row, message: .marker(namespace: "/"))
        }
        let name = message.message.namespace
        guard let marker = (namespaces[name]?.numbers.stamp(message, node: node)).map({ Marker($0) }),
            let namespace = namespaces[name]
        else { return }
        if case .host(let content) = message.message {
            let publication = PostgresPublication(content, marker, in: namespace, node: node)
            if !publication.isTooLarge { return outbox.append(publication) }
        } else if let content = ClusterMessage.Content(message.message) {
            let full = ClusterMessage(uid: node, namespace: name, content: content, stamp: marker.stamp)
            let publication = PostgresPublication(full, on: namespace.channels.all, .message(marker))
            if !publication.isTooLarge { return outbox.append(publication) }
            stays("an event or a change of \(publication.byteCount) bytes, which is too large")
        }
        outbox.append(PostgresPublication(marker, in: namespace))
    }

    private func stays(_ reason: String) {
        receive?(.problem(reason: "an event or a change reaches this host's clients only: \(reason)"))
    }

    func enqueue(_ question: BackplaneQuestion, _ number: UInt64) {
        let name = question.namespace
        listen(to: name)
        // Other hosts do not take part in such a namespace.
        guard !localNamespaces.contains(name) else { return end(number, isComplete: true) }
        guard isConnected, !isLeaving, let namespace = namespaces[name] else { return end(number, isComplete: false) }
        if namespace.isSettled(at: loop.now) {
            ask(question, number, in: namespace)
        } else if namespaces[name]?.wait(question, number) != true {
            end(number, isComplete: false)
        }
    }

    /// Asks what has waited until the other nodes were known.
    func askEarlyQuestions(in name: String, _ connection: Int) {
        guard isConnected, connection == connectionNumber else { return }
        for (question, number) in namespaces[name]?.takeEarlyQuestions() ?? [] {
            if let namespace = namespaces[name] { ask(question, number, in: namespace) }
        }
    }

    private func ask(_ question: BackplaneQuestion, _ number: UInt64, in namespace: PostgresNamespace) {
        let requestID = ClusterMessage.makeID(random: loop.machine.random())
        guard outbox.hasRoom, let kind = ClusterQuestions.Kind(question),
            let content = ClusterMessage.Content(question, requestID: requestID)
        else { return end(number, isComplete: false) }
        let message = ClusterMessage(uid: node, namespace: namespace.name, content: content)
        let publication = PostgresPublication(message, on: namespace.channels.all, .question(number))
        guard !publication.isTooLarge else { return end(number, isComplete: false) }
        let nodes = namespace.nodes.ids
        if let ended = questions.open(kind, number, requestID: requestID, in: namespace.name, to: nodes) {
            // Clients of nodes that have only just appeared may answer, and nobody waits for that.
            report([ended])
        }
        outbox.append(publication)
        flush()
    }

    private func end(_ number: UInt64, isComplete: Bool) {
        receive?(.questionEnded(number, isComplete: isComplete))
    }

    func enqueue(_ answer: BackplaneAnswer, to asker: BackplaneAsker) {
        // Behind its last message, an answer would make this host one of the nodes again.
        guard isConnected, !isClosed, let namespace = namespaces[asker.namespace],
            let content = ClusterMessage.Content(answer, requestID: asker.request)
        else { return }
        let message = ClusterMessage(uid: node, namespace: asker.namespace, content: content)
        let publication = PostgresPublication(message, on: namespace.channels.all, .answer)
        guard outbox.hasRoom, !publication.isTooLarge else {
            let reason = outbox.hasRoom ? "it is too large" : "\(outbox.byteCount) bytes wait for the server"
            receive?(.problem(reason: "a question of another host has no answer: \(reason)"))
            return
        }
        outbox.append(publication)
        flush()
    }

    /// Sends as much as the session has room for. Nothing is sent before the session listens to all namespaces, because
    /// it would not come back.
    func flush() {
        sendSignals()
        guard isConnected, unconfirmed.isEmpty, let publisher else { return }
        while publisher.room > 1, let publication = outbox.next() {
            if let question = publication.question {
                publisher.send(PostgresStatements.countHosts(prefix: url.prefix), for: .hostCount(question))
            }
            publicationNumber += 1
            outbox.sent(publication, as: publicationNumber)
            namespaces[publication.namespace]?.noteSent(at: loop.now)
            publisher.send(
                publication.statement(statements),
                for: .publication(publicationNumber, namespace: publication.namespace, publication.purpose))
        }
    }

    /// The server has published something, or refused to.
    /// - Parameter number: the number of the hub's message in it; nil for none.
    func published(
        _ number: UInt64?, _ purpose: PostgresPublication.Purpose, in namespace: String,
        _ result: Result<PostgresResult, PostgresError>
    ) {
        if case .failure(let error) = result { return refused(purpose, in: namespace, error) }
        if let number { returnCheck.took(number) }
    }

    /// Asks the listening session for an answer, behind which the message cannot come back.
    func askForReturn(of number: UInt64) {
        guard isConnected, !isLeaving, let listener, listener.room > 0, returnCheck.ask(about: number) else { return }
        listener.send(PostgresStatements.check, for: .returnCheck)
    }

    /// What waits for an attachment has arrived, and may be the message.
    func returnRequestAnswered() {
        if returnCheck.answered(), !inbox.isHeld { ended("messages do not come back") }
    }

    private func refused(_ purpose: PostgresPublication.Purpose, in name: String, _ error: PostgresError) {
        makeTableAgain(after: error)
        switch purpose {
        case .message(let marker):
            stays("\(error)\(advice(about: error))")
            if let namespace = namespaces[name] { outbox.append(PostgresPublication(marker, in: namespace)) }
        case .question(let number):
            questions.dismiss(number)
            end(number, isComplete: false)
        case .answer: receive?(.problem(reason: "a question of another host has no answer: \(error)"))
        case .sessions(let marker):
            receive?(.problem(reason: "a client cannot resume its session at another host: \(error)"))
            if let namespace = namespaces[name] { outbox.append(PostgresPublication(marker, in: namespace)) }
        case .marker, .emitted: ended("\(error)")
        }
    }

    /// The server has counted the hosts that a question for sessions reaches. Without the right to that, a claim waits
    /// until its time is up.
    func counted(_ question: HostMessage, _ result: Result<PostgresResult, PostgresError>) {
        guard let text = try? result.get().rows.first?.first ?? nil,
            let count = Int(String(decoding: text, as: UTF8.self))
        else { return }
        receive?(.hostsCounted(question, others: max(0, count - 1)))
    }
}
