import Actors

/// The hub's reads of a store that other servers write too, and the subscriptions that wait for one.
///
/// A client that comes from another server may know an epoch, or have rows, that this hub has not read yet. Only a read
/// that begins after the client's request decides whether they exist.
struct StoreLooks {
    /// A socket that starts after a row which is not published here.
    struct Subscription {
        let key: SessionKey
        let owner: Incarnation
        let startRow: Int64
        /// The number of the latest read that had begun at its arrival.
        let arrival: UInt64
    }

    /// The number of the latest read that has begun.
    private(set) var begun: UInt64 = 0
    /// The number of the latest read that has found everything.
    private var completed: UInt64 = 0
    private var subscriptions: [Subscription] = []

    /// True if a subscription waits for a read that has not begun.
    var needsRead: Bool { subscriptions.contains { $0.arrival == begun } }

    /// True if the latest read has found everything.
    var hasCompletedLatest: Bool { completed == begun }

    /// Begins a read. One runs at a time.
    mutating func begin() {
        begun += 1
    }

    /// Ends the running read, which has found every row that existed when it began.
    mutating func complete() {
        completed = begun
    }

    /// True if a read that began after the arrival has found everything.
    /// - Parameter arrival: the number of the latest read that had begun at the arrival.
    func cover(_ arrival: UInt64) -> Bool {
        completed > arrival
    }

    /// Makes a subscription wait.
    mutating func hold(_ key: SessionKey, of owner: Incarnation, startRow: Int64) {
        subscriptions.append(Subscription(key: key, owner: owner, startRow: startRow, arrival: begun))
    }

    /// Removes and returns the subscriptions whose start is published, or does not exist.
    mutating func takeReady(lastPublished: Int64) -> [Subscription] {
        guard !subscriptions.isEmpty else { return [] }
        var ready: [Subscription] = []
        var waiting: [Subscription] = []
        for subscription in subscriptions {
            if subscription.startRow <= lastPublished || cover(subscription.arrival) {
                ready.append(subscription)
            } else {
                waiting.append(subscription)
            }
        }
        subscriptions = waiting
        return ready
    }
}
