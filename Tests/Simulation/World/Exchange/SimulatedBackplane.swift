import Actors
import Cluster
import SimulatedMachine
import Transport

/// A host's backplane at the simulated broker. It reports what that of a Redis server reports, in the same order.
///
/// Safety of `@unchecked Sendable`: a simulation has one thread.
final class SimulatedBackplane: Backplane, @unchecked Sendable {
    enum State {
        /// There is no connection until then, since the start of the run.
        case waiting(until: Duration)
        /// The host has published the numbers of its latest messages, and has not subscribed.
        case started
        /// The subscriptions are made. Other hosts come back too, and what is published before would be lost for them.
        case subscribed(until: Duration)
        case connected
        case closed
    }

    /// How long the host waits for an answer of the broker.
    private static let answerTime = Duration.seconds(3)

    let patience: Duration
    let exchange: HostExchange
    unowned let world: World
    /// The oracle of the hub.
    let model: HubOracle
    private let process: SimulatedProcess
    let loop: EventLoop
    var state = State.waiting(until: .zero)
    var link: BrokerLink?
    private var receiver: (@Sendable (BackplaneDelivery) -> Void)?
    private(set) var namespaces: [String] = ["/"]
    /// The last entry that was read before each of them was opened.
    var openedAt: [String: EntryID] = [:]
    /// The ends of connections that the hub has not handled.
    private(set) var unheardEnds = 0
    /// What waits for a connection.
    var waiting: [BrokerItem] = []
    /// The number of this host's latest message in each namespace.
    var lastSent: [String: UInt64] = [:]
    /// The same when the last connection ended.
    var latestBefore: [String: UInt64] = [:]
    /// The number of the latest message that has come back.
    var lastReturned: UInt64 = 0
    /// The place in the stream of a broker that keeps messages.
    var place = StreamPlace()
    /// The numbers of other hosts' messages, by namespace.
    var numbers: [String: EventNumbers] = [:]
    /// The highest numbers on this connection, by namespace and node.
    var latest: [String: UInt64] = [:]
    var hasConnected = false
    var outageStart: Duration?
    /// The number of nodes that the broker has counted last.
    var nodeCount = 0
    var questions: [UInt64: OpenQuestion] = [:]
    /// The host does not reach the broker until then.
    var isCutByNetworkUntil = Duration.zero

    init(
        _ exchange: HostExchange, _ model: HubOracle, of process: SimulatedProcess, on loop: EventLoop, in world: World
    ) {
        self.exchange = exchange
        self.model = model
        self.process = process
        self.loop = loop
        self.world = world
        patience = world.settings.backplanePatience
        exchange.begins(on: loop)
        model.backplane = self
    }

    var node: String { exchange.node }
    var now: Duration { world.kernel.elapsed }
    var isCutByNetwork: Bool { now < isCutByNetworkUntil }
    var isConnected: Bool { if case .connected = state { true } else { false } }
    var carriesHostMessages: Bool { true }
    var keepsMessages: Bool { world.settings.keepsMessages }
    var isStarting: Bool { if case .started = state { true } else { false } }
    private var isClosed: Bool { if case .closed = state { true } else { false } }

    // MARK: Backplane

    func start(_ receive: @escaping @Sendable (BackplaneDelivery) -> Void) {
        receiver = receive
        world.broker.add(self)
    }

    func open(_ namespace: String) {
        guard !namespaces.contains(namespace) else { return }
        namespaces.append(namespace)
        openedAt[namespace] = place.last
        if link?.end == nil, !isStarting { link?.outgoing.append(.subscribe(namespace)) }
    }

    func release(allBut used: Set<String>) {
        guard isConnected, questions.isEmpty, let link, link.outgoing.isEmpty else { return }
        for namespace in namespaces where namespace != "/" && !used.contains(namespace) {
            world.record.note(.namespaceReleased)
            link.outgoing.append(.unsubscribe(namespace))
            namespaces.removeAll { $0 == namespace }
            lastSent[namespace] = nil
            if keepsMessages { numbers[namespace] = nil }
        }
    }

    func publish(_ messages: [OutgoingMessage]) {
        guard !isClosed else { return }
        exchange.publishes(messages, at: world.kernel.now)
        for message in messages {
            let namespace = message.message.namespaceName
            open(namespace)
            let item = BrokerItem.message(message, node: node, previous: lastSent[namespace])
            if keepsMessages { add(item) } else { send(item) }
            lastSent[namespace] = message.number
        }
    }

    private func send(_ item: BrokerItem) {
        if isConnected, let link, link.end == nil { link.outgoing.append(item) } else { waiting.append(item) }
    }

    func ask(_ question: BackplaneQuestion, _ number: UInt64) {
        guard isConnected, let link, link.end == nil else {
            return deliverNow(.questionEnded(number, isComplete: false))
        }
        open(question.namespaceName)
        let asksClients = if case .clients = question { true } else { false }
        questions[number] = OpenQuestion(asksClients: asksClients)
        let asker = BackplaneAsker(node: node, namespace: question.namespaceName, request: "\(number)")
        link.outgoing.append(.question(question, number: number, asker))
    }

    func dismiss(_ number: UInt64) {
        questions[number] = nil
    }

    func answer(_ answer: BackplaneAnswer, to asker: BackplaneAsker) {
        guard !isClosed else { return }
        send(.answer(answer, to: asker))
    }

    func close() {
        state = .closed
        end()
    }

    /// The process has ended.
    func end() {
        world.broker.remove(self)
        link = nil
        receiver = nil
    }

    // MARK: Deliveries

    /// Delivers within a call of the hub.
    private func deliverNow(_ delivery: BackplaneDelivery) {
        guard let receiver else { return }
        exchange.delivers(delivery, at: world.kernel.now)
        receiver(delivery)
    }

    func deliver(_ delivery: BackplaneDelivery) {
        guard let receiver, !process.hasEnded else { return }
        world.record.trace("\(node) is delivered \(delivery.words)")
        let isEnd = if case .disconnected = delivery { true } else { false }
        if isEnd { unheardEnds += 1 }
        loop.execute { [weak self, exchange, loop] in
            exchange.delivers(delivery, at: loop.now)
            if isEnd { self?.unheardEnds -= 1 }
            receiver(delivery)
        }
    }

    /// Records that the host will not get a message, behind what it has been delivered.
    func lose(_ message: BackplaneMessage, isUnsubscribed: Bool = false) {
        guard receiver != nil, !process.hasEnded else { return }
        let lost = HostExchange.LostMessage(message: message, isUnsubscribed: isUnsubscribed)
        loop.execute { [exchange] in exchange.loses(lost) }
    }

    /// Receives an item of the broker.
    func receive(_ item: BrokerItem) {
        if isConnected { nodeCount = world.broker.nodeCount(of: "/") }
        switch item {
        case .message(let message, let sender, let previous):
            guard sender != node else {
                lastReturned = message.number
                return deliver(.returned(message.number))
            }
            let stamp = EventStamp(
                node: sender, number: Int(message.number), previous: previous.map { Int($0) }, row: nil)
            let sighting = numbers[message.message.namespaceName, default: EventNumbers()].see(stamp)
            guard sighting != .late else {
                if case .marker = message.message { return }
                return world.record.note(.lateMessageDropped)
            }
            if world.broker.isLate(message, of: sender), let name = message.message.uniqueName {
                // A host that has heard nothing else of the sender on this connection cannot know that it is late.
                world.record.sharedOrder.exempt(name)
            }
            checkOrder(of: message, from: sender)
            if !isConnected || sighting == .gap { deliver(.gap) }
            deliver(.received(message.message, row: message.row))
        case .question(let question, _, let asker, let after): asked(question, asker, after: after)
        case .confirmation(let number): place.confirmed(number)
        case .count(let count, let number): change(number) { $0.nodes = count }
        case .hostCount(let count, let message): deliver(.hostsCounted(message, others: count))
        case .answer(let answer, let asker): answered(answer, asker.number)
        case .commandAnswer(let number, let answer): deliver(.kept(number, answer))
        case .subscribe, .unsubscribe, .command: break
        }
    }

    /// Checks that a message is not older than another one of its host on this connection: that host has applied it
    /// before.
    func checkOrder(of message: OutgoingMessage, from sender: String) {
        let key = "\(message.message.namespaceName) \(sender)"
        world.record.require(
            message.number > latest[key] ?? 0, .hostsShareOneOrder,
            "\(node) is delivered message \(message.number) of \(sender) after \(latest[key] ?? 0)")
        latest[key] = message.number
    }

    // MARK: Steps

    /// True if the host would do something now.
    var hasWork: Bool {
        guard !process.isPaused, !process.hasEnded else { return false }
        if link?.end != nil || hasReadyQuestions { return true }
        switch state {
        case .waiting(let time): return now >= time
        case .started: return isSilent || link?.outgoing.isEmpty == true
        case .subscribed(let time):
            return now >= time || isSilent || world.broker.nodeCount(of: "/") >= nodeCount
        case .connected: return isSilent
        case .closed: return false
        }
    }

    /// True if the broker has not answered for too long.
    private var isSilent: Bool { link?.silentSince.map { now - $0 >= Self.answerTime } ?? false }

    func step() {
        if let reason = link?.end { return disconnected(reason) }
        if hasReadyQuestions { return passHeld() }
        switch state {
        case .waiting: connect()
        case .started, .subscribed, .connected:
            guard let link, isSilent else { return isStarting ? subscribe() : finishConnecting() }
            world.broker.abandon(link, isNoticed: false)
            disconnected("no answer")
        case .closed: break
        }
    }
}
