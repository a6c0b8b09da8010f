import Actors

/// The dynamic namespaces of each group that have sessions, connected or lost.
struct NamespaceGroups {
    /// The number of sessions by group and namespace.
    private var sessions: [String: [String: Int]] = [:]

    /// Counts a session in a namespace of a group. Without a group it has no effect.
    mutating func add(_ namespace: String, to group: String?) {
        guard let group else { return }
        sessions[group, default: [:]][namespace, default: 0] += 1
    }

    mutating func remove(_ namespace: String, from group: String?) {
        guard let group, let count = sessions[group]?[namespace] else { return }
        sessions[group]?[namespace] = count > 1 ? count - 1 : nil
        if sessions[group]?.isEmpty == true { sessions[group] = nil }
    }

    /// The broadcasts to the namespaces of a group, in the order of their names. A broadcast to a single namespace is
    /// returned unchanged.
    func expand(_ broadcast: Broadcast) -> [Broadcast] {
        guard broadcast.namespace.utf8.first != UInt8(ascii: "/") else { return [broadcast] }
        return (sessions[broadcast.namespace] ?? [:]).keys.sorted().map { namespace in
            Broadcast(
                namespace: namespace, rooms: broadcast.rooms, exceptions: broadcast.exceptions,
                event: broadcast.event.inNamespace(namespace, insteadOf: broadcast.namespace),
                isVolatile: broadcast.isVolatile)
        }
    }
}

extension EncodedEvent {
    /// The same event with another namespace in its header, which ends at the first comma. An event that is not in
    /// `group` stays unchanged.
    fileprivate func inNamespace(_ namespace: String, insteadOf group: String) -> EncodedEvent {
        guard let comma = text.firstIndex(of: UInt8(ascii: ",")),
            text[..<comma].suffix(group.utf8.count).elementsEqual(group.utf8)
        else { return self }
        return EncodedEvent(
            text: text[..<(comma - group.utf8.count)] + Array(namespace.utf8) + text[comma...],
            attachments: attachments)
    }
}
