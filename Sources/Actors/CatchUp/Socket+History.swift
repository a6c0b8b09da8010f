import Persistence
import Transport

/// The suspended readers of one socket's history.
struct HistoryWaiters {
    /// Readers that wait for the hub's answer to the subscription.
    var subscription: [CheckedContinuation<Void, Never>] = []
    /// Readers that wait until little output is pending for the client and little is held in the outbox.
    var room: [CheckedContinuation<Void, Never>] = []
}

extension Socket {
    /// Reads a page of published messages backwards, for a client that scrolls up.
    ///
    /// No message falls between the pages and the messages that the socket follows: the read waits for the
    /// subscription, and every message published later is delivered to the socket. The read also waits until the client
    /// has received most of its pending output, and for ``ServerOptions/historyRate``.
    /// - Parameters:
    ///   - id: The page ends before this id; nil for the last published messages.
    ///   - maxCount: The maximum number of messages.
    ///   - maxBytes: The maximum size of the messages' text in bytes. A page exceeds this only if it is a single larger
    ///     message.
    /// - Returns: The messages in id order; an empty page in a namespace without stored messages.
    /// - Throws: The store's error if it cannot read.
    public func messages(before id: Int64?, maxCount: Int, maxBytes: Int) async throws -> HistoryPage {
        await waitForSubscription()
        await waitToScroll()
        defer { worker.followers.endScrolling() }
        let none = HistoryPage(messages: [], reachesEnd: true)
        guard isConnected, cursor.catchUp?.isSubscribed == true, let history = worker.adapter.history else {
            return none
        }
        let end = min(publishedThrough, .max - 1) + 1
        do {
            let limit = PageLimit(messages: maxCount, bytes: maxBytes)
            while true {
                let deletions = deletionCount
                let page = try await history.page(before: min(id ?? end, end), limit: limit)
                chargePage(page.encodedSize)
                if let kept = removingDeleted(from: page, since: deletions) { return kept }
            }
        } catch {
            worker.report(.historyFailed(error))
            throw error
        }
    }

    /// Waits until the socket may read a page for a handler, or is gone. Call ``MessageFollowers/endScrolling()``
    /// afterwards.
    private func waitToScroll() async {
        while true {
            await waitForRoom()
            let isTurn = await worker.followers.waitForTurn(self)
            await worker.followers.beginScrolling(id)
            // Others may have read meanwhile.
            guard isConnected, isBacklogged || !isTurn && historyDelay > .zero else { return }
            worker.followers.endScrolling()
        }
    }

    private var deletionCount: Int { worker.assumeIsolated { $0.stream.feed.deletionCount } }

    private func removingDeleted(from page: HistoryPage, since count: Int) -> HistoryPage? {
        worker.assumeIsolated { $0.stream.feed.removingDeleted(from: page, since: count) }
    }

    private var publishedThrough: Int64 { worker.assumeIsolated { $0.stream.feed.applied } }

    /// Waits until the hub has answered the subscription, or the socket is gone.
    private func waitForSubscription() async {
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

    /// Waits until the client has little pending output and the outbox holds little, or the socket is gone. Otherwise a
    /// client that reads nothing could request an unlimited number of pages.
    private func waitForRoom() async {
        while isBacklogged {
            await withCheckedContinuation { addRoomWaiter($0) }
        }
    }

    private var isBacklogged: Bool { isConnected && pendingBytes + outbox.heldBytes > catchUpMark }

    private func addRoomWaiter(_ continuation: CheckedContinuation<Void, Never>) {
        guard isBacklogged else { return continuation.resume() }
        historyWaiters.room.append(continuation)
        let isForClient = pendingBytes > catchUpMark
        if isForClient { requireDrainReport() }
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

extension HistoryPage {
    /// The approximate size of the messages in JSON, in bytes. A control character takes six.
    var encodedSize: Int {
        messages.reduce(0) { size, message in
            size + message.byteCount + 64 + 5 * message.content.count { $0 < 0x20 }
        }
    }
}
