import Actors

/// The numbers of the messages in one namespace, this host's and those of other hosts.
package struct EventNumbers {
    /// What the stamp of another host's message means.
    package enum Sighting {
        /// The message follows the previous one of its host.
        case next
        /// It is the first message of its host since the connection began.
        case first
        /// Messages of its host are lost.
        case gap
        /// A later message of its host has already arrived. The broker read this one late, from a connection that the
        /// host had closed. The host itself has applied them in the order of their numbers.
        case late
    }

    /// The number of hosts whose numbers are remembered. Beyond it all are forgotten, and learnt again.
    static let maxHosts = 1000

    /// The number of this host's latest message in the namespace.
    private var lastSent: Int?
    /// The number that this was when the last connection ended; nil if there was no message before.
    private(set) var latestBefore: Int?
    /// The numbers of other hosts' latest messages in the namespace.
    private var lastSeen: [String: Int] = [:]

    package init() {}

    /// The stamp of this host's next message.
    /// - Parameter node: the id of this host in all namespaces.
    mutating func stamp(_ message: OutgoingMessage, node: String) -> EventStamp {
        let number = Int(clamping: message.number)
        defer { lastSent = number }
        return EventStamp(
            node: node, number: number, previous: lastSent, row: message.row.map { Int(clamping: $0) })
    }

    /// A connection on which messages were sent has ended.
    /// - Parameter forgetsOthers: true if messages of other hosts may be lost.
    mutating func connectionEnded(forgetsOthers: Bool) {
        latestBefore = lastSent
        if forgetsOthers { lastSeen = [:] }
    }

    /// A marker that tells the number of this host's latest message on earlier connections again. Hosts that have lost
    /// it learn that before the next message, and drop it if it comes late. Nil if there was no message.
    func latestBefore(node: String) -> Marker? {
        latestBefore.map { Marker(EventStamp(node: node, number: $0, previous: $0, row: nil)) }
    }

    /// Notes a message of another host.
    package mutating func see(_ stamp: EventStamp) -> Sighting {
        let last = lastSeen[stamp.node]
        if last == nil, lastSeen.count >= Self.maxHosts { lastSeen = [:] }
        lastSeen[stamp.node] = max(last ?? 0, stamp.number)
        guard let last else { return .first }
        guard stamp.number > last else { return .late }
        return stamp.previous.map { $0 > last } ?? false ? .gap : .next
    }
}
