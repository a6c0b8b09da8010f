import Actors
import Transport

/// What the dashboards are shown of clients.
extension AdminUI {
    /// Shows the changes in a namespace.
    nonisolated func watch(_ namespace: Namespace) {
        let name = JSONText(string: namespace.name)
        namespace.onConnection { socket in
            self.connected(socket)
            socket.onUpgrade { socket in
                let (id, transport) = (socket.id, socket.transport)
                self.note { _ in
                    ShownEvent(
                        "socket_updated",
                        [
                            "id": JSONText(string: id.description), "nsp": name,
                            "transport": JSONText(string: transport.rawValue),
                        ])
                }
            }
        }
        namespace.onDisconnect { socket, reason in
            let id = JSONText(string: socket.id.description)
            self.note { time in
                ShownEvent("socket_disconnected", name, id, JSONText(string: reason.rawValue), time)
            }
        }
        namespace.onRoomChange { change in
            switch change {
            // A client joins its own room before it is connected, so the room is in its description.
            case .joined(let room, let id) where room != id.description:
                self.note { time in
                    ShownEvent(
                        "room_joined", name, JSONText(string: room), JSONText(string: id.description), time)
                }
            case .left(let room, let id):
                self.note { time in
                    ShownEvent("room_left", name, JSONText(string: room), JSONText(string: id.description), time)
                }
            case .joined, .created, .deleted: return
            }
        }
    }

    private nonisolated func connected(_ socket: Socket) {
        note { time in ShownEvent("socket_connected", ShownSocket.json(of: socket), time) }
    }

    /// Shows a change, which is made only if dashboards get it. Must be called on the loop.
    /// - Parameter change: makes the change; its argument is the present time.
    private nonisolated func note(_ change: (_ time: JSONText) -> ShownEvent) {
        guard assumeIsolated({ $0.gathers }) else { return }
        let event = change(JSONText(string: ShownSocket.time(wallClock)))
        assumeIsolated { $0.changed(event) }
    }

    // MARK: Lists and numbers

    /// Sends the list of all sockets to dashboards, and then the changes since.
    func sendList(to ids: [SessionID]) async {
        for id in ids {
            dashboards[id]?.held = ShownChanges(maxCount: Self.maxHeld, maxBytes: Self.changeBytes(server))
            dashboards[id]?.isStale = false
        }
        var merge = ConnectionMerge(limit: ShownPage.maxSockets)
        var isComplete = true
        repeat {
            let own = await page(after: merge.last)
            let (others, areAll) = await ask(.list(after: merge.last))
            merge.add([own] + others)
            isComplete = areAll
            // A worker that does not answer would delay each further page.
        } while merge.needsMore && isComplete
        let list = ShownPage.beginning(of: merge.connections, maxBytes: server.options.engine.maxPending / 2)
        let ready = ids.filter { dashboards[$0]?.held != nil && !isBehind($0) }
        send(ShownEvent("all_sockets", JSONText(array: list)), to: ready)
        for id in ids {
            guard let held = dashboards[id]?.held else { continue }
            dashboards[id]?.held = nil
            let changes = ready.contains(id) ? held.events : nil
            // A worker that ends, or is slow, has not told all of its sockets.
            if changes == nil || !isComplete { dashboards[id]?.isStale = true }
            for change in changes ?? [] {
                // The list may have the room already, and the dashboard would count the socket twice.
                if let departure = change.departure { send(departure, to: [id]) }
                send(change, to: [id])
            }
        }
    }

    /// Sends the numbers of all workers to the dashboards of this one.
    func report() async {
        // A worker may take longer to answer.
        guard !isAsking else { return }
        isAsking = true
        defer { isAsking = false }
        await disconnectBanned()
        let own = await ownTotals()
        let (others, _) = await ask(.totals)
        var current: [String: ServerTotals] = [:]
        for new in [own] + others.compactMap({ ServerTotals($0) }) {
            let statistics = new.statistics(since: totals[new.serverID], at: wallClock)
            send(ShownEvent("server_stats", statistics), to: dashboards.keys.filter { !isBehind($0) })
            current[new.serverID] = new
        }
        // A worker that has just started told nothing before it was asked, and one that has died not its end.
        if !totals.isEmpty, Set(totals.keys) != Set(current.keys) {
            for id in dashboards.keys { dashboards[id]?.isStale = true }
        }
        totals = current
        let stale = dashboards.filter { $0.value.isStale && $0.value.held == nil }.keys.filter { !isBehind($0) }
        if !stale.isEmpty { loop.startTask { await self.sendList(to: stale.sorted()) } }
    }

    /// Asks the other workers.
    /// - Returns: their answers, and false if some have not answered in time.
    private func ask(_ message: AdminUIMessage) async -> (answers: [JSONText], areAll: Bool) {
        let answers: [Arguments]
        var areAll = true
        do {
            answers = try await server.of("/").serverSideEmitWithAcknowledgements(
                Self.event, [.json(message.json)], timeout: Self.interval)
        } catch let error as IncompleteAnswers {
            answers = error.answers
            // Other hosts may have no dashboard.
            areAll = error.reason == .failed
        } catch {
            (answers, areAll) = ([], false)
        }
        return (
            answers.compactMap { answer in
                guard case .json(let value)? = answer.first else { return nil }
                return value
            }, areAll
        )
    }
}
