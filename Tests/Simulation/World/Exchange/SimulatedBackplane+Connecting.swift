import Actors
import Cluster
import SimulatedMachine
import Transport

/// Connecting to the broker, and connecting again.
extension SimulatedBackplane {
    func connect() {
        guard let link = world.broker.connect(self) else {
            deliver(.disconnected(reason: "connection refused"))
            return waitToConnect()
        }
        self.link = link
        guard !keepsMessages else { return subscribe() }
        state = .started
        link.outgoing += markers
    }

    /// The numbers of the latest messages on earlier connections.
    private var markers: [BrokerItem] {
        latestBefore.sorted { $0.key < $1.key }.map { namespace, number in
            let marker = OutgoingMessage(number: number, row: nil, message: .marker(namespace: namespace))
            return .message(marker, node: node, previous: number)
        }
    }

    func subscribe() {
        guard let link else { return }
        if !keepsMessages, let number = latestBefore.values.max() {
            world.broker.began(node, after: latestBefore)
            deliver(.begun(after: number))
        }
        if !keepsMessages { latest = [:] }
        link.namespaces = Set(namespaces)
        let longest = now + max(.milliseconds(1500), patience / 4)
        let isBack = nodeCount > 1 && !keepsMessages ? outageStart : nil
        state = .subscribed(until: isBack.map { min($0 + patience * 0.9, longest) } ?? now)
    }

    /// Connects again if neither a message of this host nor a later one can come back on the connection.
    func checkReturn(of number: UInt64) {
        let latest = lastSent.values.max() ?? 0
        guard isConnected, !keepsMessages, let link, link.end == nil, !link.isPartitioned, link.outgoing.isEmpty,
            link.incoming.isEmpty, latest > number, lastReturned < latest
        else { return }
        world.broker.abandon(link, isNoticed: true)
        disconnected("messages do not come back")
    }

    func finishConnecting() {
        guard let link else { return }
        state = .connected
        outageStart = nil
        nodeCount = world.broker.nodeCount(of: "/")
        link.outgoing += waiting
        waiting = []
        guard !keepsMessages else { return finishConnectingToStream(link) }
        link.outgoing += markers
        if hasConnected { deliver(.gap) }
        hasConnected = true
        world.record.note(.brokerConnected)
        deliver(.connected)
    }

    func disconnected(_ reason: String) {
        link = nil
        if isConnected {
            outageStart = now
            latestBefore = lastSent
            waiting = []
            if !keepsMessages { numbers = [:] }
        }
        for number in questions.keys.sorted() { deliver(.questionEnded(number, isComplete: false)) }
        questions = [:]
        place.held = []
        deliver(.disconnected(reason: reason))
        waitToConnect()
    }

    private func waitToConnect() {
        state = .waiting(until: now + .milliseconds(world.kernel.choices.within(50...500)))
    }
}
