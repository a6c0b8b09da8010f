import Transport

/// What a ``Roster`` has to know of a socket.
package protocol RosterMember: RoomMember, AnyObject {
    var key: SessionKey { get }
    var namespaceName: String { get }
    /// The form in which it gets stored messages.
    var messageForm: MessageForm { get }
}

/// The sockets of one worker: by id, in their namespaces and rooms as of the hub's echoes, up to date with the stored messages or
/// behind, and those that are gone while messages of theirs are on the way.
package struct Roster<Group: MemberGroup> where Group.Member: RosterMember {
    package typealias Member = Group.Member

    private let livePlain: Group
    private let liveDetailed: Group
    /// The sockets that follow the stored messages and are not up to date: what they get carries offsets of their own.
    package private(set) var behind: [SessionID: Member] = [:]
    private let makeGroup: () -> Group
    private var members: [SessionID: Member] = [:]
    private var namespaces: [String: Membership<Group>] = [:]
    /// What these told the others behind their messages waits for the results.
    private var leaving: [SessionKey: Member] = [:]

    package init(makeGroup: @escaping () -> Group) {
        self.makeGroup = makeGroup
        livePlain = makeGroup()
        liveDetailed = makeGroup()
    }

    package var count: Int { members.count }

    package subscript(id: SessionID) -> Member? { members[id] }

    /// The socket, if it is still under this owner epoch.
    package subscript(key: SessionKey) -> Member? {
        guard let member = members[key.id], member.key == key else { return nil }
        return member
    }

    /// Who waits for the results of this socket's messages, it being there or gone.
    package func awaiting(_ key: SessionKey) -> Member? {
        self[key] ?? leaving[key]
    }

    // MARK: Coming and going

    /// A socket that asks the hub to be registered.
    package mutating func add(_ member: Member) {
        members[member.id] = member
    }

    /// A socket with a session that the hub has given to this worker.
    package mutating func adopt(_ member: Member, rooms: [String]) {
        members[member.id] = member
        change(member.namespaceName) { namespace in
            namespace.add(member)
            for room in rooms { namespace.join(member, room) }
        }
    }

    /// A socket is gone.
    /// - Parameter awaitsResults: whether messages of its are on their way.
    /// - Returns: whether it was there.
    package mutating func remove(_ member: Member, awaitsResults: Bool) -> Bool {
        guard members[member.id] === member else { return false }
        members[member.id] = nil
        behind[member.id] = nil
        namespaces[member.namespaceName]?.remove(member)
        live(member.messageForm).remove(member.id)
        if awaitsResults { leaving[member.key] = member }
        return true
    }

    /// A socket that is gone has all its results.
    package mutating func forget(_ key: SessionKey) {
        leaving[key] = nil
    }

    /// No results come any more.
    /// - Returns: the sockets that are gone and wait for some, in the order of their ids.
    package mutating func takeLeaving() -> [Member] {
        defer { leaving = [:] }
        return leaving.sorted { ($0.key.id, $0.key.ownerEpoch) < ($1.key.id, $1.key.ownerEpoch) }.map(\.value)
    }

    // MARK: The hub's echoes

    package mutating func registered(_ id: SessionID) -> Member? {
        guard let member = members[id] else { return nil }
        change(member.namespaceName) { $0.add(member) }
        return member
    }

    package mutating func joined(_ id: SessionID, _ room: String) -> Member? {
        guard let member = members[id] else { return nil }
        change(member.namespaceName) { $0.join(member, room) }
        return member
    }

    package mutating func left(_ id: SessionID, _ room: String) -> Member? {
        guard let member = members[id] else { return nil }
        change(member.namespaceName) { $0.leave(member, room) }
        return member
    }

    private mutating func change(_ namespace: String, _ change: (inout Membership<Group>) -> Void) {
        let makeGroup = makeGroup
        change(&namespaces[namespace, default: Membership(makeGroup: makeGroup)])
    }

    // MARK: The stored messages

    /// The sockets that get each stored message as it comes, in this form.
    package func live(_ form: MessageForm) -> Group {
        switch form {
        case .plain: livePlain
        case .detailed: liveDetailed
        }
    }

    /// The socket begins to follow them, or takes too little to be given each as it comes.
    package mutating func fallBehind(_ member: Member) {
        live(member.messageForm).remove(member.id)
        behind[member.id] = member
    }

    /// The socket is up to date.
    package mutating func becomeLive(_ member: Member) {
        behind[member.id] = nil
        live(member.messageForm).add(member)
    }

    // MARK: Delivery

    /// Who gets an event, by the members there are now.
    package func recipients(of audience: Broadcast) -> Membership<Group>.Recipients {
        namespaces[audience.namespace]?.recipients(of: audience, among: members) ?? .members([])
    }
}
