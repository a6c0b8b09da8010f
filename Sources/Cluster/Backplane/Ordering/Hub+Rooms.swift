import Actors

/// The rooms of which a backplane delivers some messages only while they are open: those with members on this host.
extension Hub {
    /// The room that a socket joins; nil if all messages to it arrive anyway, or if the socket is gone.
    /// - Parameter namespace: the namespace of a socket that is not registered yet.
    func openedRoom(_ name: String, by key: SessionKey, in namespace: String?) -> BackplaneRoom? {
        guard let backplane, backplane.opensRooms, let namespace = machine.sessions[key.id]?.namespace ?? namespace
        else { return nil }
        let room = BackplaneRoom(namespace: namespace, name: name)
        return backplane.opens(room) ? room : nil
    }

    /// Tells the backplane which rooms have got members or lost the last one, and which ones sockets are about to join.
    func changeRooms() {
        let changed = machine.members.takeChanges()
        guard let backplane, !changed.isEmpty || !roomsToOpen.isEmpty else { return }
        var opened = roomsToOpen
        var closed: [BackplaneRoom] = []
        roomsToOpen = []
        for audience in changed {
            guard case .room(let name, let namespace) = audience else { continue }
            let room = BackplaneRoom(namespace: namespace, name: name)
            guard backplane.opens(room) else { continue }
            if !machine.members[audience].isEmpty || hasSocket(named: name, in: namespace) {
                opened.append(room)
            } else if gate?.close(room) == true {
                closed.append(room)
            }
        }
        if !opened.isEmpty || !closed.isEmpty {
            backplane.change(opening: opened.sorted(), closing: closed.sorted())
        }
    }

    private func hasSocket(named name: String, in namespace: String) -> Bool {
        SessionID(name).map { machine.sessions[$0]?.namespace == namespace } ?? false
    }
}

extension BackplaneRoom {
    fileprivate static func isOrdered(_ one: BackplaneRoom, _ other: BackplaneRoom) -> Bool {
        (one.namespace, one.name) < (other.namespace, other.name)
    }
}

extension [BackplaneRoom] {
    /// The rooms in an order that is the same in every run.
    fileprivate func sorted() -> [BackplaneRoom] { sorted(by: BackplaneRoom.isOrdered) }
}
