import Actors

/// The checks on the packets that a client receives in one namespace.
extension ClientSocket {
    func checkEvent(_ arguments: [Argument]) {
        guard let number = arguments.number else {
            return record.require(false, .dataIsIntact, "client \(client.number) receives \(arguments)")
        }
        if !Blob.all(of: number).isEmpty { record.note(.binaryReceived) }
        guard let session else { return }
        while receivedCount < session.expected.count {
            let entry = session.expected[receivedCount]
            countEvent()
            if entry.number == number {
                record.note(entry.isVolatile ? .volatileReceived : .broadcastReceived)
                record.require(
                    receives(number) || world.hosts.count == 1 || world.keptSessions.mayRepeat(number),
                    .eventsAreComplete,
                    "client \(client.number) in \(session.id) receives event \(number) again")
                return
            }
            guard entry.isVolatile else {
                return record.require(
                    false, .eventsAreComplete,
                    "client \(client.number) in \(session.id) receives event \(number) "
                        + "instead of \(entry.number)@\(entry.place.position)"
                )
            }
            record.note(.volatileMissed)
        }
        record.require(
            false, .eventsAreComplete,
            "client \(client.number) in \(session.id) receives the unexpected event \(number)")
    }

    /// Checks an offset: neither its row nor its position may be ahead of what the client has received.
    func check(_ offset: Offset) {
        guard let session else { return }
        record.require(
            (offset.row == nil) == (namespace != "/"), .offsetIsCovered,
            "client \(client.number) receives an offset with row \(offset.row ?? 0) in \(namespace)")
        if let row = offset.row { client.rows.check(offset: row) }
        var next = receivedCount
        while next < session.expected.count, session.expected[next].isVolatile { next += 1 }
        // Several events have the last position before the next entry.
        let isAmbiguous = world.settings.keepsMessages && SharedPosition(offset.position).isLast
        guard next < session.expected.count, !isAmbiguous else { return }
        record.require(
            session.expected[next].place > session.place(of: offset), .offsetIsCovered,
            "client \(client.number) has not received \(session.expected[next].number)@"
                + "\(session.expected[next].place.position), but its offset covers position \(offset.position)")
    }

    /// Checks that a handler's question arrives after the events that the handler emitted before it.
    func check(question: Int) {
        let requests = oldestRequests
        let isOwn = requests.contains { if case .question(question, _) = $0 { true } else { false } }
        guard isOwn else { return }
        for request in requests {
            switch request {
            case .question(question, _): return
            case .direct(let number): check(direct: number)
            default: continue
            }
        }
    }

    private func check(direct number: Int) {
        guard let session else { return }
        record.require(
            session.expected[..<receivedCount].contains { $0.number == number }, .handlerOrderIsKept,
            "client \(client.number) receives later output of a handler before its event \(number)")
    }

    func check(_ requests: [ClientRequest], _ answer: Int, _ arguments: [Argument]) {
        guard let session else { return }
        var results = arguments.filter { if case .json = $0 { true } else { false } }.dropFirst()
        for (index, request) in requests.enumerated() {
            if case .history(let before, _) = request { check(before, results.popFirst()) }
            guard !isUndone(request, by: requests[(index + 1)...]) else { continue }
            check(request, answer, in: session)
        }
    }

    private func isUndone(_ request: ClientRequest, by later: ArraySlice<ClientRequest>) -> Bool {
        guard let room = request.room else { return false }
        return later.contains { $0.room == room }
    }

    /// False if others may have changed whether the session is in the room: the server, or an earlier connection of the
    /// client. If that connection's claim is answered after this one's, its unread requests come last.
    private func isSettled(_ room: String, in session: HubOracle.Session) -> Bool {
        !session.changedRooms.contains(room) && ownerEpoch == session.ownerEpoch
    }

    /// Checks an acknowledged request: the hub has its effect, unless a later request changed it.
    private func check(_ request: ClientRequest, _ answer: Int, in session: HubOracle.Session) {
        switch request {
        case .join(let room) where lastRequests[room] == answer && isSettled(room, in: session):
            record.note(.joinAcknowledged)
            record.require(
                session.rooms.contains(room), .confirmedStateIsKept,
                "client \(client.number) is not in \(room) after its acknowledged join")
        case .leave(let room) where lastRequests[room] == answer && isSettled(room, in: session):
            record.note(.leaveAcknowledged)
            record.require(
                !session.rooms.contains(room), .confirmedStateIsKept,
                "client \(client.number) is in \(room) after its acknowledged leave")
        case .direct(let number):
            record.note(.directReceived)
            check(direct: number)
        case .change(let number, _, let operands) where !operands.isByServer:
            record.require(
                client.world.operations.hasOrdered(number), .confirmedStateIsKept,
                "client \(client.number) receives the acknowledgement of change \(number) before its effect")
        default: break
        }
    }

    /// - Parameter result: the row ids and the flag for reaching the first row; nil if the store failed.
    private func check(_ before: Int, _ result: Argument?) {
        guard case .json(let result)? = result, let parts = result.elements, parts.count == 2,
            let ids = parts[0].elements?.compactMap({ $0.integer.map(Int64.init) })
        else { return }
        guard namespace == "/" else {
            return record.require(ids.isEmpty, .historyIsContiguous, "\(namespace) has stored messages: \(ids)")
        }
        client.rows.check(
            history: ids, before: before == 0 ? nil : Int64(before), reachesEnd: parts[1].bool == true)
    }

    /// The number of session events that have not arrived, not counting volatile ones.
    var missingCount: Int {
        guard let session else { return 0 }
        return session.expected[receivedCount...].count { !$0.isVolatile }
    }

    /// True if a claim of the client's connection before has taken the session from this one. A worker or a host that
    /// was about to stop may answer it last.
    var isTaken: Bool {
        ownerEpoch != session?.ownerEpoch || session.map { $0.givenEpoch == $0.ownerEpoch } ?? false
    }
}
