/// The state of one socket that follows the stored messages. The socket reads the messages it missed and then joins
/// the live set, whose sockets receive each message as it is published.
///
/// The client has every message up to `last`. The socket joins the live set in the same loop turn in which `last`
/// reaches the id that the worker's stream has applied, so no message is lost or delivered twice.
struct CatchUp {
    /// The socket's next step.
    enum Step: Equatable {
        /// Join the live set now.
        case join
        /// Read the messages after `after`, from the ring if it reaches back that far, else as a page of the history
        /// that ends at `through`.
        case read(after: Int64, through: Int64)
        /// Ask the history for the start of the last `latest` messages up to `through`.
        case locate(latest: Int, through: Int64)
        /// Wait until the client's rate of stored messages allows the next page (``ServerOptions/historyRate``).
        case pause
        /// Do nothing: the socket is live, or it waits for the hub, for the history or for its client to read.
        case wait
    }

    private enum Phase: Equatable {
        case subscribing
        /// Behind the stream and not reading. The next read starts when the client has room.
        case behind
        case locating
        case reading(through: Int64)
        /// The client's rate does not allow the next page yet.
        case paused
        case live
    }

    private(set) var last: Int64
    /// The number of existing messages that the client wants, until its start is located; nil if the start is `last`.
    private var latest: Int?
    private var phase = Phase.subscribing
    /// The highest id at the subscription: only messages up to it count for the client's rate. It would have received
    /// the later ones live.
    private(set) var historyEnd: Int64 = 0

    /// Starts after a message.
    /// - Parameter start: The id of the last message that the client has.
    init(start: Int64) {
        last = start
    }

    /// Starts with the latest messages, for a client that has none.
    /// - Parameter count: The number of existing messages that the client wants before new ones.
    init(latest count: Int) {
        last = 0
        latest = count
    }

    var isSubscribed: Bool { phase != .subscribing }

    var isLive: Bool { phase == .live }

    /// Handles the hub's answer to the subscription. The stream now carries every new message.
    /// - Parameter highest: The highest id that the store has ever assigned. A start above it belongs to another
    ///   database and is reset to 0.
    /// - Returns: True if the start was reset.
    mutating func subscribed(highest: Int64) -> Bool {
        phase = .behind
        historyEnd = highest
        guard last > highest else { return false }
        last = 0
        return true
    }

    /// Decides the next step and updates the phase.
    /// - Parameters:
    ///   - applied: The last message id applied in the worker's stream.
    ///   - hasRoom: True if the client's pending bytes allow another page.
    ///   - isWithinRate: False if the client must wait before it reads more of the history.
    mutating func next(applied: Int64, hasRoom: Bool, isWithinRate: Bool = true) -> Step {
        guard phase == .behind else { return .wait }
        if let latest {
            guard latest == 0 else {
                phase = .locating
                return .locate(latest: latest, through: applied)
            }
            located(after: applied)
        }
        if last >= applied {
            phase = .live
            return .join
        }
        guard hasRoom else { return .wait }
        guard isWithinRate || !readsHistory else {
            phase = .paused
            return .pause
        }
        phase = .reading(through: applied)
        return .read(after: last, through: applied)
    }

    /// True if the next page begins with messages that were published before the subscription.
    var readsHistory: Bool { last < historyEnd }

    /// Handles the history's answer: the messages that the client wants begin after `id`.
    mutating func located(after id: Int64) {
        guard latest != nil, phase == .locating || phase == .behind else { return }
        latest = nil
        last = id
        phase = .behind
    }

    /// The interval that is being read; nil if no read is open.
    var openRead: (after: Int64, through: Int64)? {
        guard case .reading(let through) = phase else { return nil }
        return (last, through)
    }

    /// Ends the open read after its messages were queued for the client.
    /// - Parameters:
    ///   - id: The id of the last queued message.
    ///   - reachesEnd: True if the requested interval contains no further messages.
    mutating func delivered(through id: Int64, reachesEnd: Bool) {
        guard case .reading(let through) = phase else { return }
        last = reachesEnd ? max(id, through) : id
        phase = .behind
    }

    /// Handles a failed read or a failed search for the start. The next step repeats the read or the search.
    mutating func readFailed() {
        switch phase {
        case .reading, .locating: phase = .behind
        case .subscribing, .behind, .paused, .live: break
        }
    }

    /// Gives up the open read until ``resume()``, because the client's rate does not allow it.
    mutating func pause() {
        if case .reading = phase { phase = .paused }
    }

    /// Ends a pause. The next step continues.
    mutating func resume() {
        if phase == .paused { phase = .behind }
    }

    /// Records that the socket left the live set because its client reads too slowly. The socket reads the messages
    /// after `id` once its client has room.
    mutating func leaveLive(last id: Int64) {
        guard phase == .live else { return }
        last = max(last, id)
        phase = .behind
    }
}
