import Persistence

/// What one statement publishes.
struct PostgresPublication: OutboxMessage {
    /// What it is for, which decides what happens if the server refuses it.
    enum Purpose {
        /// A message of the hub. It stays on this host, and this marker is published in its place, so that it comes
        /// back.
        case message(Marker)
        /// The question with this number, which then ends.
        case question(UInt64)
        /// An answer to another host, which then gets none.
        case answer
        /// A message about sessions. This marker is published in its place.
        case sessions(Marker)
        /// A marker. The connection is of no use.
        case marker(Marker)
        /// A message of an emitter, which gets the error.
        case emitted
    }

    private enum Form {
        case notification([UInt8])
        case attachment([UInt8], header: (before: [UInt8], after: [UInt8]))
    }

    let namespace: String
    let purpose: Purpose
    /// The question for sessions in the message, whose sender needs the number of other hosts; nil for another message.
    private(set) var question: HostMessage?
    private let channel: String
    private let form: Form

    /// A message on the channel of official servers.
    init(_ message: ClusterMessage, on channel: String, _ purpose: Purpose) {
        self.channel = channel
        self.purpose = purpose
        namespace = message.namespace
        form =
            switch PostgresNotification.form(of: message) {
            case .payload(let payload): .notification(payload)
            case .row(let row): .attachment(row, header: PostgresAttachment.header(of: message))
            }
    }

    /// A marker on the channel of servers like this one.
    init(_ marker: Marker, in namespace: PostgresNamespace) {
        channel = namespace.channels.own
        self.namespace = namespace.name
        purpose = .marker(marker)
        form = .notification(marker.encoded)
    }

    /// A message about sessions, on the same channel.
    /// - Parameter node: the id of this host.
    init(_ message: HostMessage, _ marker: Marker, in namespace: PostgresNamespace, node: String) {
        channel = namespace.channels.own
        self.namespace = namespace.name
        purpose = .sessions(marker)
        if case .ask = message.content { question = message }
        let payload = message.encoded(marker.stamp)
        let isText = payload.first == UInt8(ascii: "{")
        form =
            isText && payload.count < PostgresNotification.sizeLimit
            ? .notification(payload)
            : .attachment(payload, header: PostgresAttachment(ofHost: node, marker.stamp, id: 0).header)
    }

    var number: UInt64? {
        switch purpose {
        case .message(let marker), .sessions(let marker), .marker(let marker): UInt64(marker.stamp.number)
        case .question, .answer, .emitted: nil
        }
    }

    var byteCount: Int {
        switch form {
        case .notification(let payload): channel.utf8.count + payload.count
        case .attachment(let row, let header):
            channel.utf8.count + row.count + header.before.count + header.after.count
        }
    }

    /// True if other hosts would not read the message, because its attachment is too large.
    var isTooLarge: Bool {
        if case .attachment(let row, _) = form { row.count > PostgresStatements.maxAttachment } else { false }
    }

    func statement(_ statements: PostgresStatements) -> PostgresStatement {
        switch form {
        case .notification(let payload): PostgresStatements.notify(channel, payload)
        case .attachment(let row, let header): statements.attach(row, to: channel, header: header)
        }
    }
}
