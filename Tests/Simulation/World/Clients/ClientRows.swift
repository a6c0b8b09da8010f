import Actors

/// The stored messages that a client has been given, and what must be true of them.
final class ClientRows {
    private unowned let world: World
    private let number: Int
    private let kind: SimulatedClient.Kind
    /// The ids of the messages that were receivedIDs.
    private(set) var receivedIDs: [Int64] = []
    /// Up to where the client has every message, before it has receivedIDs any.
    private var floor: Int64 = 0
    /// What it says when it connects.
    private(set) var serverOffset: Int64?
    /// Whether it asked for details when it connected last.
    private(set) var asksForDetails = false
    /// Whether it had every message when everything had come to rest: from then on it follows live.
    private var isCaughtUp = false

    init(of number: Int, _ kind: SimulatedClient.Kind, in world: World) {
        self.number = number
        self.kind = kind
        self.world = world
        serverOffset = kind == .tutorial || kind == .pipelining ? 0 : nil
    }

    /// The id up to which the client has every message.
    var last: Int64 { receivedIDs.last ?? floor }

    // MARK: Connecting

    /// What the client says of itself when it connects.
    func handshake() -> [(String, JSONText)] {
        asksForDetails = world.kernel.choices.chance(perMille: 400)
        var auth: [(String, JSONText)] = []
        if let start = kind == .latest ? receivedIDs.last : serverOffset {
            auth.append(("serverOffset", JSONText(integer: Int(start))))
        }
        if kind == .latest { auth.append(("latest", JSONText(integer: number % 4))) }
        if asksForDetails { auth.append(("details", JSONText(integer: 1))) }
        auth.append(("identity", JSONText(string: number % 2 == 0 ? "the secret of client \(number)" : "")))
        return auth
    }

    func sessionBegan() {
        if receivedIDs.isEmpty { floor = 0 }
    }

    func disconnected() {
        isCaughtUp = false
    }

    /// Everything has come to rest.
    func markCaughtUp() {
        // With small marks it may fall behind again at any time.
        guard world.settings.limits.slowMark > 100_000, last == world.disk.rows.last?.id ?? 0 else { return }
        isCaughtUp = true
    }

    // MARK: Judging

    func add(_ arguments: [JSONText]) {
        guard arguments.count == (asksForDetails ? 4 : 3), let id = arguments[1].integer.map(Int64.init) else {
            return world.record.require(false, .detailsMatchRow, "client \(number) gets \(arguments)")
        }
        if asksForDetails { check(details: arguments[2], of: id) }
        let content = arguments[0].utf8String() ?? []
        let next = world.disk.rows(after: last).first
        let isFirst = kind == .latest && receivedIDs.isEmpty && floor == 0
        world.record.require(
            isFirst || next?.id == id, .rowsAreContiguous,
            "client \(number) has \(last), gets \(id), and \(next?.id ?? 0) follows")
        world.record.require(
            world.disk.row(content: content) != nil, .rowsAreContiguous,
            "client \(number) gets an unknown text at \(id)")
        receivedIDs.append(id)
        if serverOffset != nil { serverOffset = id }
    }

    private func check(details: JSONText, of id: Int64) {
        world.record.note(.detailsReceived)
        let row = world.disk.row(id: id)
        world.record.require(
            row?.stored.details == details, .detailsMatchRow, "client \(number) gets \(details) with \(id)")
    }

    /// - Parameter row: what an offset that the client got says of its messages.
    func check(offset row: Int64) {
        if kind == .latest, receivedIDs.isEmpty { floor = max(floor, row) }
        world.record.require(
            row <= last, .offsetIsCovered, "client \(number) has \(last), and its offset says \(row)")
    }

    /// A message of the client is acknowledged.
    /// - Parameter id: what the acknowledgement says; nil when it says nothing.
    func check(acknowledged message: Message, as id: Int64?) {
        let text = String(decoding: message.content, as: UTF8.self)
        if asksForDetails || id != nil {
            world.record.note(.acknowledgedWithID)
            let row = id.flatMap { world.disk.row(id: $0) }
            world.record.require(
                asksForDetails && row?.content == message.content, .detailsMatchRow,
                "client \(number): \(text) is acknowledged as \(id ?? 0)")
        }
        let row = world.disk.row(content: message.content)
        world.record.require(
            row != nil, .acknowledgedIsStored, "client \(number): \(text) is acknowledged and not stored")
        let isPlaced = kind != .latest || !receivedIDs.isEmpty
        guard isCaughtUp, isPlaced, message.isUnique, let row else { return }
        world.record.note(.acknowledgedLive)
        world.record.require(
            last >= row.id, .ownRowFirst, "client \(number) is live at \(last) and has not got its row \(row.id)")
    }

    /// The client has read backwards, and got the messages before one of them.
    /// - Parameters:
    ///   - before: nil for the last ones.
    ///   - ids: what the answer says.
    func check(history ids: [Int64], before: Int64?, reachesEnd: Bool) {
        world.record.note(.historyRead)
        let rows = world.disk.rows(after: (ids.first ?? 0) - 1, through: before.map { $0 - 1 } ?? ids.last ?? 0)
        world.record.require(
            rows.map(\.id) == ids, .historyIsContiguous, "client \(number) reads \(ids) before \(before ?? 0)")
        // The last ones may have been none when they were read.
        let isWhole = ids.isEmpty ? before == nil || rows.isEmpty : world.disk.rows.first?.id == ids.first
        world.record.require(
            !reachesEnd || isWhole, .historyIsContiguous, "client \(number) reads \(ids) to the end, and it is not")
    }
}
