import Transport

/// What a hub asks a broker that keeps sessions.
///
/// The session of each client is a value at a key that is named after the client's secret. A host that has a session
/// writes it there, and writes only over its own values: a value that is gone, or that of another host, says that
/// another host has taken the session, unless the broker has lost data.
public struct SessionCommand: Sendable, Equatable {
    package enum Content: Sendable, Equatable {
        /// Writes the value of a key for a time.
        case write(SessionID, [UInt8], over: ExpectedValue, life: Duration)
        /// Finds out whether another host has taken the session.
        case check(SessionID, ExpectedValue)
        /// Removes a key. The host may write it again.
        case remove(SessionID, ExpectedValue)
        /// Removes the key of a session that has ended. For a time, no host can write it again: a write may come late,
        /// on a connection that its host has given up.
        case end(SessionID, ExpectedValue, for: Duration)
        /// Reads the value of a key, and removes the key. The broker keeps a copy of the value, with the name of the
        /// host, until the host writes it again: the answer may be lost, or the host may die. If the key is gone, a
        /// take reads the copy, which is then that of its host. The copy lives for the rest of the value's time, and
        /// for `copyLife` at least.
        case take(SessionID, by: String, copyLife: Duration)
        /// Reads what the broker keeps of a namespace.
        case read(HistoryRange)
    }

    package let content: Content

    package init(_ content: Content) {
        self.content = content
    }

    /// The size of what is sent, in bytes.
    var byteCount: Int {
        if case .write(_, let value, _, _) = content { value.count + 256 } else { 256 }
    }
}

/// Which values of a key are those of this host.
package struct ExpectedValue: Sendable, Equatable {
    /// The epoch of this host. A copy that names it is this host's too, and one that names another host is not.
    package let host: String
    /// The digests of the values that the key may have.
    package var digests: [SessionDigest]
    /// True if there may be no value although nobody has taken the session.
    package var mayBeAbsent: Bool

    package init(of host: String, digests: [SessionDigest] = [], mayBeAbsent: Bool = true) {
        (self.host, self.digests, self.mayBeAbsent) = (host, digests, mayBeAbsent)
    }
}

/// Identifies the value of a key.
package struct SessionDigest: Sendable, Hashable {
    /// The number of characters.
    static let length = 40
    private static let digits = Set("0123456789abcdef".utf8)

    /// The SHA-1 digest of the value in hexadecimal digits, as scripts of Redis compute it.
    let text: String

    /// - Returns: nil for another text than that of a digest.
    init?(text: String) {
        guard text.utf8.count == Self.length, text.utf8.allSatisfy({ Self.digits.contains($0) }) else { return nil }
        self.text = text
    }

    package init(of value: [UInt8]) {
        text = SHA1.digest(value).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}

/// A part of the history of a namespace.
package struct HistoryRange: Sendable, Equatable {
    package let namespace: String
    /// The entry before the first one.
    package var start: EntryID
    /// The last entry.
    package let end: EntryID
}

/// The answer to a ``SessionCommand``.
public struct SessionAnswer: Sendable, Equatable {
    package enum Content: Sendable, Equatable {
        /// The key was written or removed, or has a value of this host, or is absent and may be.
        case done
        /// The key has another value, so nothing was done.
        case other([UInt8])
        /// Another host has taken the value, and has not written it again, so nothing was done.
        case taken
        /// The key is absent and must not be, so nothing was done.
        case absent
        /// The value that a key had; nil for none.
        case value([UInt8]?)
        /// A part of the history; nil if entries after its start may be gone.
        case history(KeptHistoryPage?)
        /// The broker has refused the command.
        case failed(reason: String)
    }

    package let content: Content

    package init(_ content: Content) {
        self.content = content
    }
}

/// A part of the history of a namespace.
package struct KeptHistoryPage: Sendable, Equatable {
    /// The events and changes, in order.
    package let messages: [(entry: EntryID, message: BackplaneMessage)]
    /// The entry after which the history continues; nil at its end.
    package let next: EntryID?

    package init(messages: [(entry: EntryID, message: BackplaneMessage)], next: EntryID?) {
        (self.messages, self.next) = (messages, next)
    }

    package static func == (left: KeptHistoryPage, right: KeptHistoryPage) -> Bool {
        left.next == right.next && left.messages.elementsEqual(right.messages) { $0 == $1 }
    }
}
