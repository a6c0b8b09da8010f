import Actors
import Cluster
import SimulatedMachine

/// A broker that gives all messages one order and delivers them to every subscribed host, like the pub/sub of a Redis
/// server. It stores nothing: a host without a connection gets nothing. In some runs it has a stream, from which each
/// host reads when it can.
final class SimulatedBroker {
    unowned let world: World
    /// The open connections, in the order of their start.
    private var links: [BrokerLink] = []
    /// The connections that have ended and that the broker still counts, until the given time.
    private var forgotten: [(link: BrokerLink, until: Duration)] = []
    /// Those of them from which the broker has not read everything.
    private var unread: [BrokerLink] = []
    /// The backplanes of all running hubs.
    private(set) var backplanes: [SimulatedBackplane] = []
    /// The broker accepts no connections until then, since the start of the run.
    private var awayUntil = Duration.zero
    /// The broker does nothing until then.
    private var hangsUntil = Duration.zero
    /// The next message is dropped.
    private var dropsNext = false
    /// The stream of a broker that keeps messages; nil for another one.
    var stream: SimulatedStream?
    /// The numbers of messages that hosts have published on earlier connections, by node and namespace.
    private var earlier: [String: [String: UInt64]] = [:]
    /// The sessions that it keeps.
    var keys = SimulatedKeys()

    init(in world: World) {
        self.world = world
        if world.settings.keepsMessages { stream = SimulatedStream(length: world.settings.keptMessages) }
    }

    private var now: Duration { world.kernel.elapsed }
    var isAway: Bool { now < awayUntil }
    private var isHanging: Bool { now < hangsUntil }
    /// True if the broker or a connection is disturbed.
    var isDisturbed: Bool { isAway || isHanging || links.contains { $0.isPartitioned } || !areAllConnected }
    /// True if the broker or the connection of one host is disturbed, or entries are lost for the host.
    func isDisturbed(for hub: HubOracle) -> Bool {
        guard !isAway, !isHanging, let backplane = backplanes.first(where: { $0.model === hub }) else { return true }
        return !backplane.isConnected || backplane.unheardEnds > 0 || backplane.place.mayMiss
            || backplane.link?.end != nil || backplane.link?.isPartitioned == true
    }

    private var areAllConnected: Bool { backplanes.allSatisfy { $0.isConnected && $0.link?.end == nil } }

    func add(_ backplane: SimulatedBackplane) {
        backplanes.append(backplane)
    }

    /// The process of a hub has ended, or it has closed its backplane.
    func remove(_ backplane: SimulatedBackplane) {
        backplanes.removeAll { $0 === backplane }
        guard let link = backplane.link else { return }
        takeSome(of: link)
        abandon(link, isNoticed: true)
    }

    // MARK: Connections

    /// Opens a connection.
    /// - Returns: nil if the broker does not answer.
    func connect(_ backplane: SimulatedBackplane) -> BrokerLink? {
        guard !isAway, !isHanging, !backplane.isCutByNetwork else { return nil }
        let link = BrokerLink(of: backplane)
        links.append(link)
        return link
    }

    /// A host has published the numbers of its latest messages, and begins to receive.
    func began(_ node: String, after numbers: [String: UInt64]) {
        earlier[node] = numbers
    }

    private func close(_ link: BrokerLink) {
        for item in link.incoming {
            if case .message(let message, let node, _) = item, node != link.backplane.node {
                link.backplane.lose(message.message)
            }
        }
        link.incoming = []
        link.outgoing = []
        links.removeAll { $0 === link }
    }

    /// The host gives the connection up. The broker may not notice that for long, and read late what has arrived.
    func abandon(_ link: BrokerLink, isNoticed: Bool) {
        let arrived = Array(link.outgoing.prefix(world.kernel.choices.within(0...link.outgoing.count)))
        close(link)
        link.isGivenUp = true
        if !arrived.isEmpty {
            link.outgoing = arrived
            link.readAt = now + .milliseconds(world.kernel.choices.below(4000))
            unread.append(link)
        }
        if !isNoticed {
            forgotten.append((link, now + .milliseconds(world.kernel.choices.within(100...10_000))))
        }
    }

    /// Breaks a connection. The broker has taken a part of what was sent.
    private func breakLink(_ link: BrokerLink, _ reason: String) {
        takeSome(of: link)
        deliverSome(of: link)
        close(link)
        link.end = reason
    }

    private func takeSome(of link: BrokerLink) {
        for _ in 0..<world.kernel.choices.within(0...link.outgoing.count) { take(from: link) }
    }

    private func deliverSome(of link: BrokerLink) {
        for _ in 0..<world.kernel.choices.within(0...link.incoming.count) {
            link.backplane.receive(link.incoming.removeFirst())
        }
    }

    /// The number of nodes that the broker counts for a namespace.
    func nodeCount(of namespace: String) -> Int {
        forgotten.removeAll { now >= $0.until }
        let open = links.count { $0.namespaces.contains(namespace) }
        return open + forgotten.count { $0.link.namespaces.contains(namespace) }
    }

    // MARK: Steps

    var hasWork: Bool {
        !isHanging && (links + unread).contains { canMove($0) } || backplanes.contains(where: \.hasWork)
    }

    private func canMove(_ link: BrokerLink) -> Bool {
        if link.isGivenUp { return now >= link.readAt }
        guard !link.isPartitioned else { return false }
        return !(link.outgoing.isEmpty && link.incoming.isEmpty) || hasEntries(for: link)
    }

    /// Moves one item, or lets a backplane act.
    func step() {
        let active = backplanes.filter(\.hasWork)
        let busy = isHanging ? [] : (links + unread).filter(canMove)
        if let backplane = world.kernel.choices.element(of: active),
            busy.isEmpty || world.kernel.choices.chance(perMille: 300)
        {
            return backplane.step()
        }
        guard let link = world.kernel.choices.element(of: busy) else { return }
        if link.isGivenUp || link.incoming.isEmpty && !hasEntries(for: link)
            || !link.outgoing.isEmpty && world.kernel.choices.chance(perMille: 500)
        {
            take(from: link)
        } else if hasEntries(for: link), link.incoming.isEmpty || world.kernel.choices.chance(perMille: 500) {
            link.backplane.read()
        } else {
            link.backplane.receive(link.incoming.removeFirst())
        }
    }

    /// Handles the oldest item that a host has sent.
    private func take(from link: BrokerLink) {
        let item = link.outgoing.removeFirst()
        if link.isGivenUp {
            if link.outgoing.isEmpty { unread.removeAll { $0 === link } }
            world.record.note(.lateMessageRead)
        }
        switch item {
        case .subscribe(let namespace): link.namespaces.insert(namespace)
        case .unsubscribe(let namespace): link.namespaces.remove(namespace)
        case .message(let message, _, _):
            if stream != nil { return add(item, of: link) }
            if dropsNext {
                dropsNext = false
                world.record.note(.messageDropped)
                world.moves.noteDisturbance()
                return world.record.trace("the broker drops \(message.message.name)")
            }
            publish(item, message.message, of: link)
        case .question(let question, let number, let asker, _):
            let after = stream?.lastEntry(of: asker.node)
            ask(.question(question, number: number, asker, after: after), question, number, asker, of: link)
        case .answer(_, let asker): links.first { $0.backplane.node == asker.node }?.incoming.append(item)
        case .command(let command, let number):
            let answer = carryOut(command, of: link)
            if !link.isGivenUp { link.incoming.append(.commandAnswer(number, answer)) }
        case .count, .hostCount, .confirmation, .commandAnswer: break
        }
    }

    /// True if the message was read so late that its host had begun another connection.
    func isLate(_ message: OutgoingMessage, of node: String) -> Bool {
        message.number <= earlier[node]?[message.message.namespaceName] ?? 0
    }

    private func publish(_ item: BrokerItem, _ message: BackplaneMessage, of link: BrokerLink) {
        // The number comes on another connection than the messages.
        let isCountedFirst = world.kernel.choices.chance(perMille: 500)
        defer { if !isCountedFirst { count(message, for: link) } }
        if isCountedFirst { count(message, for: link) }
        for backplane in backplanes {
            if let link = backplane.link, link.end == nil, link.namespaces.contains(message.namespaceName) {
                link.incoming.append(item)
            } else if case .message(_, let node, _) = item, node != backplane.node {
                backplane.lose(message, isUnsubscribed: backplane.isConnected && backplane.link?.end == nil)
            }
        }
    }

    func count(_ message: BackplaneMessage, for link: BrokerLink) {
        guard case .host(let message) = message, !link.isGivenUp else { return }
        // All hosts read the stream, and answer it.
        let namespace = stream == nil ? message.namespace : "/"
        link.incoming.append(.hostCount(max(0, nodeCount(of: namespace) - 1), message))
    }

    private func ask(
        _ item: BrokerItem, _ question: BackplaneQuestion, _ number: UInt64, _ asker: BackplaneAsker,
        of link: BrokerLink
    ) {
        // A host ignores its own question, which the broker may read from an earlier connection of the host.
        let others = links.filter {
            $0.backplane.node != asker.node && $0.namespaces.contains(question.namespaceName)
        }
        for other in others { other.incoming.append(item) }
        if case .sockets(let selection) = question {
            world.operations.asked(selection, Set(others.map(\.backplane.node)))
        }
        guard !link.isGivenUp else { return }
        link.incoming.append(.count(max(0, nodeCount(of: question.namespaceName) - 1), number: number))
    }

    // MARK: Faults

    /// Breaks the connection of a host.
    func breakConnection() {
        guard let link = world.kernel.choices.element(of: links) else { return }
        world.record.note(.brokerConnectionLost)
        world.record.trace("the connection of \(link.backplane.node) to the broker breaks")
        breakLink(link, "connection reset")
    }

    /// Restarts the broker. It is away for some time.
    func restart() {
        world.record.note(.brokerRestarted)
        awayUntil = now + .milliseconds(world.kernel.choices.below(4000))
        world.record.trace("the broker restarts until \(awayUntil)")
        for link in links { breakLink(link, "the broker has ended") }
        restartStream()
        forgotten = []
        unread = []
    }

    /// Lets the broker do nothing for some time.
    func hang() {
        guard !isHanging else { return }
        world.record.note(.brokerHung)
        hangsUntil = now + .milliseconds(world.kernel.choices.below(6000))
        world.record.trace("the broker hangs until \(hangsUntil)")
        for link in links { link.silentSince = link.silentSince ?? now }
    }

    /// Cuts a host off from the broker for some time.
    func partition() {
        guard let backplane = world.kernel.choices.element(of: backplanes) else { return }
        world.record.note(.brokerPartitioned)
        backplane.isCutByNetworkUntil = now + .milliseconds(world.kernel.choices.below(8000))
        world.record.trace("\(backplane.node) does not reach the broker until \(backplane.isCutByNetworkUntil)")
        backplane.link?.isPartitioned = true
        backplane.link?.silentSince = backplane.link?.silentSince ?? now
    }

    func dropNextMessage() {
        dropsNext = true
    }

    /// Ends the disturbances whose time is up, or all of them.
    func endFaults(all: Bool = false) {
        if all { (awayUntil, hangsUntil, dropsNext) = (.zero, .zero, false) }
        for backplane in backplanes where all { backplane.isCutByNetworkUntil = .zero }
        guard !isHanging else { return }
        for link in links where link.silentSince != nil && !link.backplane.isCutByNetwork {
            link.isPartitioned = false
            link.silentSince = nil
        }
    }
}
