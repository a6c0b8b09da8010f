import Actors
import Persistence
import Transport

/// Receiving notifications, and fetching what is too large for them.
extension PostgresBackplane {
    func received(_ payload: String, from channel: String) {
        guard inbox.append(PostgresInbox.Notification(channel: channel, payload: Array(payload.utf8))) else {
            return ended("more than \(PostgresInbox.limit) bytes of notifications wait for an attachment")
        }
        handleNotifications()
    }

    private func handleNotifications() {
        while let next = inbox.next() {
            guard let namespace = channels[next.channel].flatMap({ namespaces[$0] }) else { continue }
            do throws(FormatError) {
                if next.channel == namespace.channels.own {
                    try handleOwn(next.payload, in: namespace.name)
                } else {
                    try handle(try PostgresNotification(next.payload), in: namespace.name)
                }
            } catch {
                receive?(.ignored(reason: "\(error)"))
            }
        }
    }

    private func handle(_ notification: PostgresNotification, in name: String) throws(FormatError) {
        switch notification {
        case .message(let message): try handle(message, in: name)
        case .attachment(let attachment) where attachment.uid == node:
            // This host knows what is in it.
            if let stamp = attachment.stamp { returned(stamp) }
        case .attachment(let attachment):
            hear(attachment.uid, in: name)
            fetch(attachment, in: name, isOfHost: false)
        }
    }

    /// Handles a message on the channel of servers like this one.
    private func handleOwn(_ payload: [UInt8], in name: String) throws(FormatError) {
        let limits = FormatLimits()
        let object = try MessageObject(try MixedValue(json: payload, limits: limits), limits: limits)
        guard object.has(.attachmentID) else { return deliver(try Marker(object, namespace: name), in: name) }
        let attachment = try PostgresAttachment(object)
        if attachment.uid == node {
            if let stamp = attachment.stamp { returned(stamp) }
        } else {
            fetch(attachment, in: name, isOfHost: true)
        }
    }

    private func deliver(_ marker: Marker, in name: String) {
        deliver(marker.message.map { .host($0) } ?? .marker(namespace: name), marker.stamp, in: name)
    }

    private func fetch(_ attachment: PostgresAttachment, in name: String, isOfHost: Bool) {
        guard let listener, listener.room > 0 else { return ended("too many statements are in progress") }
        inbox.hold()
        listener.send(
            statements.fetch(attachment.id), for: .fetch(attachment, namespace: name, isOfHost: isOfHost))
    }

    /// An attachment has arrived, or not. The notifications behind it have waited.
    func fetched(
        _ attachment: PostgresAttachment, in name: String, isOfHost: Bool,
        _ result: Result<PostgresResult, PostgresError>
    ) {
        inbox.release()
        switch result {
        case .failure(let error): lost(attachment, "\(error)")
        case .success(let result):
            guard let row = result.rows.first else {
                lost(attachment, "it is not in the table")
                break
            }
            guard let payload = row.first ?? nil else {
                lost(attachment, "it has more than \(PostgresStatements.maxAttachment) bytes")
                break
            }
            do throws(FormatError) {
                try handle(payload, of: attachment, in: name, isOfHost: isOfHost)
            } catch {
                lost(attachment, "\(error)")
            }
        }
        handleNotifications()
    }

    private func handle(
        _ payload: [UInt8], of attachment: PostgresAttachment, in name: String, isOfHost: Bool
    ) throws(FormatError) {
        if isOfHost {
            let marker = try Marker(payload, namespace: name)
            guard marker.stamp.node == attachment.uid else { throw .invalid(.uid) }
            deliver(marker, in: name)
        } else {
            let message = try ClusterMessage(payload)
            guard message.uid == attachment.uid else { throw .invalid(.uid) }
            try handle(message, in: name)
        }
    }

    private func lost(_ attachment: PostgresAttachment, _ reason: String) {
        receive?(.ignored(reason: "an attachment: \(reason)"))
        if ClusterMessageType(rawValue: attachment.type)?.isForAllHosts ?? false { receive?(.gap) }
    }

    private func handle(_ message: ClusterMessage, in name: String) throws(FormatError) {
        guard message.namespace == name else { throw .invalid(.nsp) }
        guard message.uid != node else {
            if let stamp = message.stamp { returned(stamp) }
            if message.content == .initialHeartbeat { firstHeartbeatReturned(in: name) }
            return
        }
        if message.isFromNode { hear(message.uid, in: name) }
        switch message.content {
        case .heartbeat: break
        case .initialHeartbeat:
            signal(.heartbeat, in: name)
            flush()
        case .close:
            namespaces[name]?.remove(message.uid)
            report(questions.remove(message.uid, from: name))
        case let content:
            if let hubMessage = content.message(in: name) {
                deliver(hubMessage, message.stamp, in: name)
            } else if let (question, requestID) = content.question(in: name) {
                receive?(
                    .asked(question, BackplaneAsker(node: message.uid, namespace: name, request: requestID)))
            } else if let progress = questions.receive(message) {
                report([progress])
            }
        }
    }

    private func hear(_ uid: String, in name: String) {
        if uid != ClusterMessage.emitterID { namespaces[name]?.hear(uid) }
    }

    private func returned(_ stamp: EventStamp) {
        guard stamp.node == node else { return }
        // The server accepts and delivers messages.
        backoff = ReconnectDelay()
        outage.end()
        returnCheck.returned(UInt64(stamp.number))
        receive?(.returned(UInt64(stamp.number)))
    }

    private func deliver(_ message: BackplaneMessage, _ stamp: EventStamp?, in name: String) {
        guard let stamp else { return pass(message, row: nil) }
        guard stamp.node != node else { return returned(stamp) }
        switch namespaces[name]?.numbers.see(stamp) {
        case .gap: receive?(.gap)
        case .late: return
        case .first, .next, nil: break
        }
        pass(message, row: stamp.row.map { Int64($0) })
    }

    /// Passes a message of another host on. Until the connection is complete, others before it may be lost.
    private func pass(_ message: BackplaneMessage, row: Int64?) {
        if !isConnected { receive?(.gap) }
        receive?(.received(message, row: row))
    }

    func report(_ all: [QuestionProgress]) {
        for progress in all {
            if let answer = progress.answer { receive?(.answered(progress.number, answer)) }
            if progress.hasEnded {
                receive?(.questionEnded(progress.number, isComplete: !progress.lacksAnswers))
            }
        }
    }
}

extension ClusterMessageType {
    /// True if the message, when it is lost, is missing on this host.
    fileprivate var isForAllHosts: Bool {
        switch self {
        case .broadcast, .socketsJoin, .socketsLeave, .disconnectSockets, .serverSideEmit: true
        default: false
        }
    }
}
