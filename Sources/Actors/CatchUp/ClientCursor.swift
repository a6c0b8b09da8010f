/// One client's progress: the position from which it receives events, and its progress through the stored messages. A
/// client that is behind the rest of its worker gets offsets computed from this value.
struct ClientCursor {
    /// The position after which the client receives events.
    private(set) var position: UInt64 = 0
    /// The id of the stored message after which the client starts.
    private(set) var startRow: Int64 = 0
    /// The number of existing messages that the client wants; nil if the client starts after ``startRow``.
    private var latest: Int?
    /// The state of following the stored messages; nil before it starts and in a namespace without stored messages.
    var catchUp: CatchUp?

    init() {}

    /// Starts a new session.
    /// - Parameters:
    ///   - serverOffset: The id of the last message that the client claims to have, or nil.
    ///   - trust: How far the client's row ids are trusted, according to the offset of its earlier session. If
    ///     `serverOffset` is nil and the trust is limited, the client starts after the row in that offset.
    ///   - latest: The number of existing messages that the client wants. Ignored if `serverOffset` or `trust`
    ///     determines the start.
    mutating func begin(serverOffset: Int64?, trust: RowTrust, latest: Int?) {
        let known: Int64? =
            switch trust {
            case .unlimited: serverOffset
            case .limited(let limit, let row): serverOffset.map { min($0, limit) } ?? row
            case .foreign: nil
            }
        if let known { startRow = known } else { self.latest = latest }
    }

    /// The start row in the socket's registration. It is nil for a client that wants no history: the hub then starts
    /// the session after the last message published at that time.
    var registeredStart: Int64? { latest == 0 ? nil : startRow }

    /// Handles the socket's registration.
    /// - Parameter position: The position of the registration in the global order.
    mutating func registered(at position: UInt64) {
        self.position = position
    }

    /// Resumes an earlier session.
    /// - Parameters:
    ///   - session: The recovered session.
    ///   - serverOffset: The id of the last message that the client claims to have. It may raise the session's start up
    ///     to the session's row limit, but not lower it.
    mutating func recover(_ session: RecoveredSession, serverOffset: Int64?) {
        position = session.position
        startRow = max(session.startRow, min(serverOffset ?? 0, session.rowLimit))
    }

    /// Starts to follow the stored messages.
    mutating func follow() {
        catchUp = latest.map(CatchUp.init(latest:)) ?? CatchUp(start: startRow)
    }

    /// The id up to which the client has every stored message. For a live client, this is only the id at which it last
    /// became live; see ``row(applied:)``.
    var row: Int64 { catchUp?.last ?? startRow }

    /// The id up to which the client has every stored message, also for a live client.
    /// - Parameter applied: The last message id applied in the worker's stream.
    func row(applied: Int64) -> Int64 {
        catchUp?.isLive == true ? applied : row
    }

    /// The position for the offset of an event that is written now.
    /// - Parameter applied: The last position applied in the worker's stream.
    func position(applied: UInt64) -> UInt64 {
        max(applied, position)
    }
}
