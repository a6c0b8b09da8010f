@_spi(Collections) import Actors

/// The notifications that have arrived, in the order of the server. While the attachment of one is fetched, all later
/// ones wait. A value without I/O.
struct PostgresInbox {
    struct Notification: Equatable {
        let channel: String
        let payload: [UInt8]

        fileprivate var byteCount: Int { PostgresInbox.overhead + channel.utf8.count + payload.count }
    }

    /// How many bytes may wait.
    static let limit = 64 << 20
    /// What a notification occupies in addition to its content, in bytes.
    fileprivate static let overhead = 100

    private var waiting = Queue<Notification>()
    private var byteCount = 0
    /// True while an attachment is fetched.
    private(set) var isHeld = false

    /// Adds a notification.
    /// - Returns: false if too many wait.
    mutating func append(_ notification: Notification) -> Bool {
        guard byteCount + notification.byteCount <= Self.limit else { return false }
        waiting.append(notification)
        byteCount += notification.byteCount
        return true
    }

    /// Takes the next notification; nil if there is none, or if an attachment is fetched.
    mutating func next() -> Notification? {
        guard !isHeld, let next = waiting.removeFirst() else { return nil }
        byteCount -= next.byteCount
        return next
    }

    /// The attachment of the last notification is fetched.
    mutating func hold() {
        isHeld = true
    }

    /// The attachment was fetched and handled.
    mutating func release() {
        isHeld = false
    }
}
