import Persistence
import Transport

extension Socket {
    /// Starts to follow the stored messages after the last one that the client has.
    func followMessages() {
        guard worker.namespaces.messageNamespace === namespace else { return }
        cursor.follow()
        worker.followers.assumeIsolated { $0.fallBehind(self) }
        worker.assumeIsolated { $0.submit(.subscribe(key)) }
    }

    var pendingBytes: Int {
        connection.assumeIsolated { $0.pendingBytes }
    }

    /// Makes the connection continue the catch-up, and history reads, when they have room again.
    func requireDrainReport() {
        connection.assumeIsolated { $0.session.value.requireDrainReport() }
    }

    /// The next step of the catch-up.
    /// - Parameter applied: The last message id applied in the worker's stream.
    func nextStep(applied: Int64, isWithinRate: Bool) -> CatchUp.Step {
        guard isConnected else { return .wait }
        let hasRoom = pendingBytes <= catchUpMark
        if !hasRoom { requireDrainReport() }
        return cursor.catchUp?.next(applied: applied, hasRoom: hasRoom, isWithinRate: isWithinRate) ?? .wait
    }

    /// The interval to read a page from; nil if no read is open or the client is gone.
    var openRead: (after: Int64, through: Int64)? {
        isConnected ? cursor.catchUp?.openRead : nil
    }

    /// The time until the client may get more of the history; see ``Connection/historyDelay``.
    var historyDelay: Duration { connection.assumeIsolated { $0.historyDelay } }

    var historyRateOwner: HistoryRateOwner { connection.assumeIsolated { $0.historyRateOwner } }

    /// Counts a page that was read for the client: at least as much as a read of the database costs.
    func chargePage(_ byteCount: Int) {
        let owner = historyRateOwner
        connection.assumeIsolated { $0.chargeHistoryPage(max(Self.readCost, byteCount)) }
        worker.followers.assumeIsolated { $0.pageCounted(of: owner) }
    }

    /// Counts a search for the start of the latest messages.
    func chargeSearch() {
        connection.assumeIsolated { $0.chargeHistory(Self.readCost, isUrgent: true) }
    }

    /// What a read of the database counts at least, in bytes.
    private static var readCost: Int { 4096 }

    /// The time in which the client may get a whole page.
    var historyTimeOfPage: Duration {
        connection.assumeIsolated { [worker] in $0.historyTime(ofPage: worker.loop.limits.page) }
    }

    /// Looks again whether the client's rate allows the open read.
    /// - Returns: False if the socket must wait for its rate.
    func continuesRead() -> Bool {
        guard cursor.catchUp?.readsHistory == true, historyDelay > .zero else { return true }
        cursor.catchUp?.pause()
        return false
    }

    /// Catch-up and history reads pause while more than this many bytes wait for the client.
    var catchUpMark: Int { worker.loop.limits.lowWater }

    /// Queues a page of messages for the client.
    /// - Parameters:
    ///   - page: The messages, from memory or from the history.
    ///   - encoding: Encodes the messages.
    ///   - applied: The last position applied in the worker's stream.
    ///   - after: The id after which the page starts.
    func writePage(_ page: HistoryPage, _ encoding: MessageEncoding, applied: UInt64, after: Int64) {
        var builder = FramesBuilder()
        for message in page.messages {
            builder.appendMessage(message, encoding, messageProfile.form, position: cursor.position(applied: applied))
        }
        if cursor.catchUp?.readsHistory == true {
            chargePage(builder.byteCount)
        }
        guard isConnected else { return }
        if !builder.isEmpty { write(builder.finish()) }
        cursor.catchUp?.delivered(through: page.messages.last?.id ?? after, reachesEnd: page.reachesEnd)
    }

    /// The id up to which the client has every stored message, as in ``ClientCursor/row``; nil in a namespace without
    /// stored messages.
    var row: Int64? {
        guard worker.namespaces.messageNamespace === namespace else { return nil }
        return cursor.row
    }
}

extension Handshake {
    /// The number of existing messages that the client wants before new ones: a whole number up to 1000. Any other
    /// value is ignored.
    var latest: Int? {
        guard let count = auth?["latest"]?.integer, (0...1000).contains(count) else { return nil }
        return count
    }

    /// The offset that the client has from its earlier session. A longer text is none.
    var earlierOffset: String? { auth?["offset"]?.string.flatMap { $0.utf8.count <= Offset.maxLength ? $0 : nil } }

    /// The id of the last message that the client claims to have: a whole number or a string of digits. Any other value
    /// is ignored.
    var serverOffset: Int64? {
        guard let value = auth?["serverOffset"] else { return nil }
        if let integer = value.integer { return integer >= 0 ? Int64(integer) : nil }
        guard let text = value.string, !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int64(text)
    }
}
