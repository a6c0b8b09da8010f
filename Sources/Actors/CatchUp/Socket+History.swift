import Persistence
import Transport

/// The readers of one socket's history that wait.
struct HistoryWaiters {
    /// For the hub's answer to the subscription.
    var subscription: [CheckedContinuation<Void, Never>] = []
    /// For the client to take most of what waits for it.
    var room: [CheckedContinuation<Void, Never>] = []
}

extension Socket {
    /// The last messages that were published before one of them, in id order; what a client reads backwards. Together
    /// with what the socket follows, nothing is missing: every message that it is not given live was published already.
    /// They are read when the client has taken most of what it was given before.
    /// - Parameters:
    ///   - id: the message before which they lie; nil for the last there are.
    ///   - maxCount: how many there are at most.
    ///   - maxBytes: how many bytes of text they have at most; a single message may have more.
    /// - Returns: empty in a namespace without stored messages.
    /// - Throws: whatever the store reports.
    public func messages(before id: Int64?, maxCount: Int, maxBytes: Int) async throws -> HistoryPage {
        await subscription()
        await room()
        let none = HistoryPage(messages: [], reachesEnd: true)
        guard cursor.catchUp?.isSubscribed == true, let history = worker.adapter.history else { return none }
        let end = min(publishedThrough, .max - 1) + 1
        do {
            let limit = PageLimit(messages: maxCount, bytes: maxBytes)
            return try await history.page(before: min(id ?? end, end), limit: limit)
        } catch {
            worker.report(.historyFailed(error))
            throw error
        }
    }

    private var publishedThrough: Int64 { worker.assumeIsolated { $0.stream.feed.applied } }

    /// Waits until the hub has answered the subscription, or the socket is gone.
    private func subscription() async {
        await withCheckedContinuation { continuation in
            guard isConnected, let catchUp = cursor.catchUp, !catchUp.isSubscribed else {
                return continuation.resume()
            }
            historyWaiters.subscription.append(continuation)
        }
    }

    func resumeSubscriptionWaiters() {
        let waiters = historyWaiters.subscription
        historyWaiters.subscription = []
        for waiter in waiters { waiter.resume() }
    }

    /// Waits until little is left for the client to take, or the socket is gone: one that takes nothing could ask for pages
    /// without end.
    private func room() async {
        while hasMuchToTake {
            await withCheckedContinuation { wait($0) }
        }
    }

    private var hasMuchToTake: Bool { isConnected && pendingBytes + outbox.heldBytes > catchUpMark }

    private func wait(_ continuation: CheckedContinuation<Void, Never>) {
        guard hasMuchToTake else { return continuation.resume() }
        historyWaiters.room.append(continuation)
        let isForClient = pendingBytes > catchUpMark
        connection.assumeIsolated { $0.setWaiting(isForClient, for: id) }
    }

    func resumeRoomWaiters() {
        guard !historyWaiters.room.isEmpty else { return }
        let waiters = historyWaiters.room
        historyWaiters.room = []
        connection.assumeIsolated { $0.setWaiting(false, for: id) }
        for waiter in waiters { waiter.resume() }
    }
}
