import Actors
import Transport

/// The regular checks, and the other nodes. After an outage that all nodes have noticed, they come back at different
/// times, and what is published before is lost for those that are late.
extension RedisBackplane {
    /// What the server is asked.
    enum Check {
        /// The number of nodes, this one included.
        case nodeCount
        /// Whether the server is a replica by now. It would still accept messages, but not pass them on to its master.
        case role
    }

    /// The time between two questions for their number while it is awaited, and between two checks afterwards.
    private static let recountInterval = Duration.milliseconds(50)
    private static let checkInterval = Duration.seconds(1)
    /// How long the server may take to end the subscriptions, and to take what was published last.
    private static let leavingTime = Duration.seconds(1)

    /// Waits until as many nodes are back as there were before the outage.
    func awaitOtherNodes() {
        guard nodeCount > 1, let deadline = outage.returnDeadline(at: loop.now) else { return finish() }
        returnDeadline = deadline
        check(.nodeCount)
    }

    /// Counts the nodes at once when one has appeared. An outage may begin before the next regular check.
    func nodeAppeared() {
        if isConnected { check(.nodeCount) }
    }

    /// Handles the answer to a check. A user may lack the right to it.
    func checked(_ check: Check, _ result: Result<RESPValue, RedisError>) {
        let value = try? result.get()
        switch check {
        case .nodeCount: counted(value?.subscriptionCount ?? 0)
        case .role: if value?.isRoleOfReplica == true { ended("the server has become a replica") }
        }
    }

    private func counted(_ count: Int) {
        if isConnected {
            nodeCount = count
        } else if count >= nodeCount || returnDeadline.map({ loop.now >= $0 }) ?? true {
            finish()
        } else {
            let connection = connectionNumber
            loop.startTask {
                await self.loop.pause(for: Self.recountInterval)
                await self.countAgain(connection)
            }
        }
    }

    private func countAgain(_ connection: Int) {
        if connection == connectionNumber { check(.nodeCount) }
    }

    func finish() {
        guard !isConnected else { return }
        finishConnecting()
        checkRegularly()
    }

    private func checkRegularly() {
        check(.nodeCount)
        check(.role)
        let connection = connectionNumber
        loop.startTask {
            await self.loop.pause(for: Self.checkInterval)
            await self.checkAgain(connection)
        }
    }

    private func checkAgain(_ connection: Int) {
        if isConnected, connection == connectionNumber { checkRegularly() }
    }

    // MARK: Leaving

    /// Ends the subscriptions, which the other nodes count before they ask. The server confirms that behind what it has
    /// delivered before.
    public func withdraw() async {
        isLeaving = true
        endQuestions()
        guard isConnected, let subscriber else { return }
        let exact = Set(namespaces.values.flatMap(\.exact)).sorted()
        let patterns = Set(namespaces.values.compactMap(\.dialect.pattern)).sorted()
        var last = subscriber.unsubscribe(pubSub.subscription, from: exact)
        if !patterns.isEmpty { last = subscriber.unsubscribe(.pattern, from: patterns) }
        await loop.wait(atMost: Self.leavingTime) {
            isConnected && (!isConfirmed(last) || stream?.held.isEmpty == false)
        }
    }

    /// Waits until the server has taken what was published.
    func finishPublishing() async {
        await loop.wait(atMost: Self.leavingTime) {
            isConnected && (outbox.byteCount > 0 || stream?.sender.isIdle == false)
        }
    }

    private func check(_ check: Check) {
        guard let publisher, publisher.room > 1, let counted = namespaces["/"]?.dialect.counted else { return }
        let command =
            switch check {
            case .nodeCount: pubSub.count(counted)
            case .role: RedisCommand("ROLE")
            }
        if let number = publisher.send(command) { checks[number] = check }
    }
}

extension RESPValue {
    /// The number in the answer to PUBSUB NUMSUB, or SHARDNUMSUB, for one channel; nil for another answer.
    var subscriptionCount: Int? {
        guard case .array(let elements) = self, elements.count == 2, case .integer(let count) = elements[1] else {
            return nil
        }
        return Int(clamping: count)
    }

    /// True for the answer of a replica to ROLE.
    var isRoleOfReplica: Bool {
        guard case .array(let elements) = self, let role = elements.first?.text else { return false }
        return role == "slave" || role == "replica"
    }
}
