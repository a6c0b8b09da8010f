import Actors
import Synchronization
import Transport

@testable import Cluster

/// A broker in memory for hubs on one loop. It delivers only when the test says so.
final class MemoryBroker: Sendable {
    private struct State {
        var members: [MemoryBackplane] = []
        /// What was published and not delivered, with its publisher.
        var pending: [(sender: Int, message: OutgoingMessage)] = []
        /// The id of the next entry of a broker that keeps messages.
        var nextEntry = EntryID(milliseconds: 1_700_000_000_000, sequence: 0)
        var keys = KeyServer()
    }

    private let state = Mutex(State())
    /// True if messages are entries of a stream, two in each millisecond.
    let keepsMessages: Bool
    /// True if it keeps sessions too.
    let keepsSessions: Bool

    init(keepsMessages: Bool = false, keepsSessions: Bool = false) {
        self.keepsMessages = keepsMessages
        self.keepsSessions = keepsSessions
    }

    /// Does something with what the broker keeps.
    func withKeys<Result: Sendable>(_ body: (inout sending KeyServer) -> sending Result) -> Result {
        state.withLock { body(&$0.keys) }
    }

    /// Sets the id of the next entry.
    func continueAt(_ id: EntryID) {
        state.withLock { $0.nextEntry = id }
    }

    private func takeEntry() -> EntryID? {
        guard keepsMessages else { return nil }
        return state.withLock { state in
            defer {
                let id = state.nextEntry
                state.nextEntry =
                    id.sequence % 2 == 0
                    ? EntryID(milliseconds: id.milliseconds, sequence: id.sequence + 1)
                    : EntryID(milliseconds: id.milliseconds + 1, sequence: 0)
            }
            return state.nextEntry
        }
    }

    func makeBackplane(carriesHostMessages: Bool = true, outage: OutagePolicy = .local) -> MemoryBackplane {
        state.withLock { state in
            let member = MemoryBackplane(
                self, number: state.members.count, carriesHostMessages: carriesHostMessages, outage: outage)
            state.members.append(member)
            return member
        }
    }

    fileprivate func publish(_ messages: [OutgoingMessage], by sender: Int) {
        state.withLock { $0.pending += messages.map { (sender, $0) } }
    }

    /// Carries out the commands about sessions of all hubs, and answers them. Called on the loop.
    /// - Parameter count: how many of each hub.
    /// - Returns: true if there were any.
    @discardableResult
    func carryOutCommands(_ count: Int = .max) -> Bool {
        let members = state.withLock { $0.members.filter { !$0.isAway && !$0.isHanging } }
        var hasCarriedOut = false
        for member in members {
            var left = count
            while left > 0, let (command, number) = member.takeCommand() {
                left -= 1
                let now = ContinuousClock.now
                let answer = state.withLock { $0.keys.carryOut(command, at: now) }
                member.deliver(.kept(number, answer))
                hasCarriedOut = true
            }
        }
        return hasCarriedOut
    }

    /// The connection of a hub ends before its commands about sessions are answered. Called on the loop.
    /// - Parameter count: how many of them the broker carries out all the same.
    func disconnect(_ member: MemoryBackplane, carryingOut count: Int) {
        var left = count
        while let (command, _) = member.takeCommand() {
            guard left > 0 else { continue }
            left -= 1
            state.withLock { _ = $0.keys.carryOut(command, at: ContinuousClock.now) }
        }
        member.leave()
        member.deliver(.disconnected(reason: "test"))
    }

    /// Another connection of the hub begins. Called on the loop.
    func reconnect(_ member: MemoryBackplane) {
        member.comeBack()
        member.deliver(.connected)
    }

    /// Delivers the oldest messages to every hub. Called on the loop.
    func deliver(_ count: Int = .max) {
        var left = count
        while left > 0, let (sender, message) = next() {
            left -= 1
            let members = state.withLock { $0.members.filter { !$0.isAway } }
            let entry = takeEntry()
            if let entry { state.withLock { $0.keys.append(message.message, entry) } }
            if case .host(let asked) = message.message {
                members.first { $0.number == sender }?
                    .deliver(.hostsCounted(asked, others: members.count - 1))
            }
            for member in members where !member.isHanging {
                if member.number == sender {
                    member.deliver(.returned(message.number, entry: entry))
                } else if !message.message.isForSender {
                    member.deliver(.received(message.message, row: message.row, entry: entry))
                }
            }
        }
    }

    /// The kinds of the messages about sessions that wait, in order.
    var waiting: [String] {
        state.withLock { state in
            state.pending.map { _, message in
                guard case .host(let message) = message.message else { return "other" }
                return message.words
            }
        }
    }

    /// The oldest message.
    var first: BackplaneMessage? { state.withLock { $0.pending.first?.message.message } }

    /// Takes the oldest message without delivering it.
    func takeFirst() -> OutgoingMessage? { next()?.message }

    private func next() -> (sender: Int, message: OutgoingMessage)? {
        state.withLock { $0.pending.isEmpty ? nil : $0.pending.removeFirst() }
    }
}

/// The backplane of one hub at a ``MemoryBroker``.
final class MemoryBackplane: Backplane {
    /// A function itself would get a further layer around it with each access to the mutex.
    private struct Receiver {
        let receive: @Sendable (BackplaneDelivery) -> Void
    }

    /// So long that a busy machine does not cut a hub off.
    let patience = Duration.seconds(3600)
    let outagePolicy: OutagePolicy
    let number: Int
    let carriesHostMessages: Bool
    var keepsMessages: Bool { broker.keepsMessages }
    private let broker: MemoryBroker
    var keepsSessions: Bool { broker.keepsSessions }
    /// The entry from which the messages of namespaces are delivered.
    let deliveryStart = Mutex(EntryID(milliseconds: 0, sequence: 0))
    private let commands = Mutex<[(SessionCommand, UInt64)]>([])
    private let away = Mutex(false)
    private let hanging = Mutex(false)
    private let receiver = Mutex<Receiver?>(nil)
    private let opened = Mutex<[String]>([])
    private let asked = Mutex<[(question: BackplaneQuestion, number: UInt64)]>([])
    private let given = Mutex<[BackplaneAnswer]>([])
    private let rooms = Mutex<[String]>([])
    /// What happens when the hub wants to be asked no more. Called on the loop.
    let atWithdrawal = Mutex<(@Sendable () -> Void)?>(nil)

    /// The changes of rooms that the hub has asked for.
    var roomChanges: [String] { rooms.withLock { $0 } }
    let opensRooms = true

    /// Only rooms whose names begin with a hash sign have to be opened, as few tests use them.
    func opens(_ room: BackplaneRoom) -> Bool { room.name.hasPrefix("#") }

    func change(opening opened: [BackplaneRoom], closing closed: [BackplaneRoom]) {
        rooms.withLock { rooms in
            rooms += opened.map { "open \($0.namespace) \($0.name)" }
            rooms += closed.map { "close \($0.namespace) \($0.name)" }
        }
    }

    init(_ broker: MemoryBroker, number: Int, carriesHostMessages: Bool = true, outage: OutagePolicy = .local) {
        outagePolicy = outage
        self.carriesHostMessages = carriesHostMessages
        self.broker = broker
        self.number = number
    }

    /// The namespaces that the hub has opened.
    var namespaces: [String] { opened.withLock { $0 } }
    /// The questions of the hub.
    var questions: [(question: BackplaneQuestion, number: UInt64)] { asked.withLock { $0 } }
    /// The answers of the hub.
    var answers: [BackplaneAnswer] { given.withLock { $0 } }

    /// True if the hub's host has ended, so that nothing reaches it, and nobody counts it.
    var isAway: Bool { away.withLock { $0 } }

    /// The kinds of the commands about sessions that wait, in order.
    var waitingCommands: [String] {
        commands.withLock { commands in
            commands.map { command, _ in
                switch command.content {
                case .write: "write"
                case .check: "check"
                case .remove: "remove"
                case .end: "end"
                case .take: "take"
                case .read: "read"
                }
            }
        }
    }

    func takeCommand() -> (SessionCommand, UInt64)? {
        commands.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    }

    func carryOut(_ command: SessionCommand, _ number: UInt64) {
        commands.withLock { $0.append((command, number)) }
    }

    func delivers(_ namespace: String, since entry: EntryID) -> Bool { deliveryStart.withLock { $0 <= entry } }

    func leave() {
        away.withLock { $0 = true }
    }

    /// True if the hub's host hangs, so that nothing reaches it, and everybody counts it.
    var isHanging: Bool { hanging.withLock { $0 } }

    func hang() {
        hanging.withLock { $0 = true }
    }

    func comeBack() {
        away.withLock { $0 = false }
    }

    /// Called on the loop.
    func deliver(_ delivery: BackplaneDelivery) {
        receiver.withLock { $0 }?.receive(delivery)
    }

    func start(_ receive: @escaping @Sendable (BackplaneDelivery) -> Void) {
        receiver.withLock { $0 = Receiver(receive: receive) }
    }

    func open(_ namespace: String) {
        opened.withLock { $0.append(namespace) }
    }

    func release(allBut used: Set<String>) {
        opened.withLock { $0.removeAll { !used.contains($0) } }
    }

    func publish(_ messages: [OutgoingMessage]) {
        broker.publish(messages, by: number)
    }

    func ask(_ question: BackplaneQuestion, _ number: UInt64) {
        asked.withLock { $0.append((question, number)) }
    }

    func dismiss(_ number: UInt64) {
        asked.withLock { $0.removeAll { $0.number == number } }
    }

    func answer(_ answer: BackplaneAnswer, to asker: BackplaneAsker) {
        given.withLock { $0.append(answer) }
    }

    func withdraw() async {
        atWithdrawal.withLock { $0 }?()
    }

    func close() async {}
}

extension BackplaneMessage {
    /// True for one that only its sender receives.
    fileprivate var isForSender: Bool {
        if case .roomMarker = self { true } else { false }
    }
}
