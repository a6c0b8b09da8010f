import Persistence
import Transport

extension Socket {
    /// Begins to follow the stored messages, from where the client says it stopped.
    func followMessages() {
        guard worker.namespaces.messageNamespace === namespace else { return }
        cursor.follow()
        worker.followers.assumeIsolated { $0.fallBehind(self) }
        worker.assumeIsolated { $0.submit(.subscribe(key)) }
    }

    var pendingBytes: Int {
        connection.assumeIsolated { $0.pendingBytes }
    }

    /// What the catch-up does next.
    func nextStep(applied: Int64) -> CatchUp.Step {
        guard isConnected else { return .wait }
        let hasRoom = pendingBytes <= catchUpMark
        return cursor.catchUp?.next(applied: applied, hasRoom: hasRoom) ?? .wait
    }

    /// The interval that a page is to be read of; nil when none is, or nobody is there to get it.
    var openRead: (after: Int64, through: Int64)? {
        isConnected ? cursor.catchUp?.openRead : nil
    }

    /// Catch-up writes, and history is read, only while no more than this waits for the client.
    var catchUpMark: Int { worker.loop.limits.lowWater }

    /// Messages from memory or from the history are for the client.
    /// - Parameters:
    ///   - applied: the position applied last in the worker's stream.
    ///   - after: the id behind which they lie.
    func writePage(_ page: HistoryPage, _ encoding: MessageEncoding, applied: UInt64, after: Int64) {
        guard isConnected else { return }
        var builder = FramesBuilder()
        for message in page.messages {
            builder.appendMessage(message, encoding, messageProfile.form, position: cursor.position(applied: applied))
        }
        if !builder.isEmpty { write(builder.finish()) }
        cursor.catchUp?.delivered(through: page.messages.last?.id ?? after, reachesEnd: page.reachesEnd)
    }

    /// The id up to which the client has every stored message; nil where there are none.
    var row: Int64? {
        guard worker.namespaces.messageNamespace === namespace else { return nil }
        return cursor.row
    }
}

extension Handshake {
    /// How many of the messages there are the client wants before those that come, a whole number up to 1000; anything
    /// else counts as not sent.
    var latest: Int? {
        guard let count = auth?[member: "latest"]?.integer, (0...1000).contains(count) else { return nil }
        return count
    }

    /// Where the client says it stopped: a whole number, or a string of digits; anything else counts as not sent.
    var serverOffset: Int64? {
        guard let value = auth?[member: "serverOffset"] else { return nil }
        if let integer = value.integer { return integer >= 0 ? Int64(integer) : nil }
        guard let text = value.string, !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int64(text)
    }
}
