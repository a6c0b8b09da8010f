import Actors
import Persistence

/// The stored messages that a client has received, and the checks on them.
final class ClientRows {
    private unowned let world: World
    private let number: Int
    private let kind: SimulatedClient.Kind
    /// The ids of the received messages.
    private(set) var receivedIDs: [Int64] = []
    /// The ids before a server did not trust them.
    private var untrusted: [Int64] = []
    /// The id up to which the client needs no messages, before it has received any.
    private var floor: Int64 = 0
    /// The `serverOffset` that the client sends when it connects.
    private(set) var serverOffset: Int64?
    /// True if the client requested message details in its last handshake.
    private(set) var asksForDetails = false
    /// True if the client had every message when the system was idle. From then on it is live.
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

    /// The handshake data of the client.
    func handshake() -> [(String, JSONText)] {
        asksForDetails = world.kernel.choices.chance(perMille: 400)
        var auth: [(String, JSONText)] = []
        if let start = kind == .latest ? receivedIDs.last : serverOffset {
            auth.append(("serverOffset", JSONText(integer: Int(start))))
        }
        if kind == .latest { auth.append(("latest", JSONText(integer: number % 4))) }
        if asksForDetails { auth.append(("details", JSONText(integer: 1))) }
        auth.append(("identity", JSONText(string: number % 2 == 0 ? Self.secret(of: number) : "")))
        if number % 3 == 0 { auth.append(("name", JSONText(string: Self.name(of: number)))) }
        return auth
    }

    private static func secret(of number: Int) -> String { "the secret of client \(number)" }
    private static func name(of number: Int) -> String { "client \(number)" }

    func sessionBegan() {
        if receivedIDs.isEmpty { floor = 0 }
    }

    /// The server does not trust the client's row ids, so the client gets the messages from the start.
    func startAgain() {
        world.record.note(.epochUnread)
        if !receivedIDs.isEmpty { untrusted = receivedIDs }
        receivedIDs = []
        floor = 0
    }

    /// The server trusts the client's row ids. A client that has received nothing since it was to start again presents
    /// its earlier ids, and continues after them.
    func continueBefore() {
        if receivedIDs.isEmpty { receivedIDs = untrusted }
    }

    func disconnected() {
        isCaughtUp = false
    }

    /// Marks a client as live if it has every message while the system is idle.
    func markCaughtUp() {
        // While one of several hosts has no connection to an empty store, its new sockets wait to be live.
        guard last > 0 || world.hosts.count == 1 else { return }
        // With a small limit the client may become slow again at any time.
        guard world.settings.limits.slowMark > 100_000, last == world.disk.rows.last?.id ?? 0 else { return }
        isCaughtUp = true
    }

    // MARK: Checks

    func add(_ arguments: [JSONText]) {
        guard arguments.count == (asksForDetails ? 4 : 3), let id = arguments[1].integer.map(Int64.init) else {
            return world.record.require(false, .detailsMatchRow, "client \(number) receives \(arguments)")
        }
        if asksForDetails { check(details: arguments[2], of: id) }
        let content = arguments[0].utf8String() ?? []
        let next = world.disk.rows(after: last).first
        let isFirst = kind == .latest && receivedIDs.isEmpty && floor == 0
        world.record.require(
            isFirst || next?.id == id, .rowsAreContiguous,
            "client \(number) is at row \(last) and receives \(id) instead of \(next?.id ?? 0)")
        world.record.require(
            world.disk.row(content: content) != nil, .rowsAreContiguous,
            "client \(number) receives a text that is not stored, as row \(id)")
        receivedIDs.append(id)
        untrusted = []
        if serverOffset != nil { serverOffset = id }
    }

    private func check(details: JSONText, of id: Int64) {
        world.record.note(.detailsReceived)
        let row = world.disk.row(id: id)
        world.record.require(
            row?.stored.details == details, .detailsMatchRow,
            "client \(number) receives details \(details) with row \(id)")
        guard let row, let author = row.attribution, author.name != nil else { return }
        world.record.note(.nameReceived)
        let isSender = world.clients.contains { sender in
            let id = sender.number % 2 == 0 ? SHA256.hexadecimal(Array(Self.secret(of: sender.number).utf8)) : nil
            return author == MessageAuthor(id: id.map { Array($0.prefix(32)) }, name: Self.name(of: sender.number))
                && sender.messages.all.contains { $0.content == row.content }
        }
        world.record.require(
            isSender, .authorIsSender, "client \(number) receives row \(id) of another author: \(details)")
    }

    /// - Parameter row: the row id in an offset that the client has received.
    func check(offset row: Int64) {
        if kind == .latest, receivedIDs.isEmpty { floor = max(floor, row) }
        world.record.require(
            row <= last, .offsetIsCovered, "client \(number) is at row \(last), but its offset covers row \(row)")
    }

    /// Checks the acknowledgement of a message.
    /// - Parameter id: the row id in the acknowledgement; nil if there is none.
    func check(acknowledged message: Message, as id: Int64?) {
        let text = String(decoding: message.content, as: UTF8.self)
        if asksForDetails || id != nil {
            world.record.note(.acknowledgedWithID)
            let row = id.flatMap { world.disk.row(id: $0) }
            world.record.require(
                asksForDetails && row?.content == message.content, .detailsMatchRow,
                "client \(number): \(text) is acknowledged as row \(id ?? 0)")
        }
        let row = world.disk.row(content: message.content)
        world.record.require(
            row != nil, .acknowledgedIsStored, "client \(number): \(text) is acknowledged but not stored")
        let isPlaced = kind != .latest || !receivedIDs.isEmpty
        guard isCaughtUp, isPlaced, message.isUnique, let row else { return }
        world.record.note(.acknowledgedLive)
        world.record.require(
            last >= row.id, .ownRowFirst,
            "client \(number) is live at row \(last) and has not received its row \(row.id)")
    }

    /// Checks a history page.
    /// - Parameters:
    ///   - ids: the row ids in the page.
    ///   - before: the upper limit, exclusive; nil for the latest messages.
    ///   - reachesEnd: true if the page claims to start with the first message.
    func check(history ids: [Int64], before: Int64?, reachesEnd: Bool) {
        world.record.note(.historyRead)
        let rows = world.disk.rows(after: (ids.first ?? 0) - 1, through: before.map { $0 - 1 } ?? ids.last ?? 0)
        world.record.require(
            rows.map(\.id) == ids, .historyIsContiguous, "client \(number) reads \(ids) before \(before ?? 0)")
        // There may have been no messages at the time of the read.
        let isWhole = ids.isEmpty ? before == nil || rows.isEmpty : world.disk.rows.first?.id == ids.first
        world.record.require(
            !reachesEnd || isWhole, .historyIsContiguous,
            "client \(number) reads \(ids), which claims to reach the first row but does not")
    }
}
