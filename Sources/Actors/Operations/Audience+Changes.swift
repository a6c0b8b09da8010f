/// Changes of all sockets of an audience. Callable from any thread.
///
/// The hub orders a change among all events: a socket that joins a room receives exactly the room's events that are
/// ordered after the change. A change also applies to the sessions of lost clients, who notice it when they come back.
///
/// A change through a socket, such as `socket.to("a").socketsJoin("b")`, keeps its place among the socket's calls, and
/// the socket's later output waits until the hub has ordered the change. A change through a namespace is submitted at
/// once; an `emit` through the namespace that follows is ordered after it.
extension Audience {
    /// Makes the sockets join rooms.
    public func socketsJoin(_ rooms: String...) {
        change(.join(rooms))
    }

    /// Makes the sockets join rooms.
    public func socketsJoin(_ rooms: [String]) {
        change(.join(rooms))
    }

    /// Makes the sockets leave rooms.
    public func socketsLeave(_ rooms: String...) {
        change(.leave(rooms))
    }

    /// Makes the sockets leave rooms.
    public func socketsLeave(_ rooms: [String]) {
        change(.leave(rooms))
    }

    /// Disconnects the clients from the namespace. They do not reconnect automatically, and their sessions cannot be
    /// resumed.
    ///
    /// The hub deletes the sessions when it orders the change. Output that these sockets still hold back is dropped,
    /// for example an acknowledgement that waits until a message is stored.
    /// - Parameter close: True to disconnect the clients from every namespace and close their connections.
    public func disconnectSockets(close: Bool = false) {
        change(.disconnect(close: close))
    }

    private func change(_ change: SocketChange) {
        guard !isEmpty else { return }
        if isLocal {
            carryOut(.change(selection, change))
        } else {
            submit(.change(selection, change, sender: sender?.key))
        }
    }

    var selection: SocketSelection {
        SocketSelection(namespace: namespace, rooms: rooms, exceptions: exceptions)
    }
}
