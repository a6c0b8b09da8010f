/// How far one client is: from which position on it gets events, and how it follows the stored messages. A client that is not
/// where the others of its worker are gets offsets that follow from this.
package struct ClientCursor {
    /// The position from which on the client gets events.
    package private(set) var position: UInt64 = 0
    /// The id of the stored message after which the client starts.
    package private(set) var startRow: Int64 = 0
    /// How many messages from before the client gets; nil when ``startRow`` says where it starts.
    private var latest: Int?
    /// How it follows the stored messages; nil where there are none, or when it does not yet.
    package var catchUp: CatchUp?

    package init() {}

    /// Begins a new session.
    /// - Parameters:
    ///   - serverOffset: where the client says its stored messages end.
    ///   - trust: what an offset of an older session says of that; its own row counts only without the former.
    ///   - latest: how many messages the client wants; it counts only when nothing says where its messages end.
    package mutating func begin(serverOffset: Int64?, trust: RowTrust, latest: Int?) {
        let known: Int64? =
            switch trust {
            case .unlimited: serverOffset
            case .limited(let limit, let row): serverOffset.map { min($0, limit) } ?? row
            case .foreign: nil
            }
        if let known { startRow = known } else { self.latest = latest }
    }

    /// What the hub keeps as the session's start. Whoever wants nothing from before starts at what the hub has published when it
    /// registers the socket.
    package var registeredStart: Int64? { latest == 0 ? nil : startRow }

    /// The hub has made the socket a member.
    package mutating func registered(at position: UInt64) {
        self.position = position
    }

    /// Goes on with a session of before. The client may know of more messages than its offset says, never of fewer.
    package mutating func recover(_ session: RecoveredSession, serverOffset: Int64?) {
        position = session.position
        startRow = max(session.startRow, min(serverOffset ?? 0, session.rowLimit))
    }

    /// Begins to follow the stored messages.
    package mutating func follow() {
        catchUp = latest.map(CatchUp.init(latest:)) ?? CatchUp(start: startRow)
    }

    /// The id up to which the client has every stored message, unless it follows live.
    package var row: Int64 { catchUp?.last ?? startRow }

    /// The same for one that may follow live.
    /// - Parameter applied: the id applied last in the worker's stream.
    package func row(applied: Int64) -> Int64 {
        catchUp?.isLive == true ? applied : row
    }

    /// The position that what is written now carries.
    /// - Parameter applied: the position applied last in the worker's stream.
    package func position(applied: UInt64) -> UInt64 {
        max(applied, position)
    }
}
