@_spi(Collections) import Actors
import Transport

/// The stream: what this host adds to it, and reading it.
extension RedisBackplane {
    /// How long a host with a stream waits for its first connection at most. Its clients cannot connect meanwhile.
    private static let longestStart = Duration.seconds(5)

    public nonisolated var startPatience: Duration {
        pubSub == .streams ? min(patience, Self.longestStart) : patience
    }

    public nonisolated var keepsMessages: Bool { pubSub == .streams }

    public nonisolated func abandon() {
        assumeIsolated { backplane in
            backplane.stream?.sender.abandon()
            if backplane.stream == nil, !backplane.isConnected { backplane.outbox = Outbox() }
        }
    }

    // MARK: Adding

    func add(_ message: OutgoingMessage, in name: String) {
        guard let fields = namespaces[name]?.encodeEntry(message, node: node) else { return }
        stream?.sender.append(StreamAddition(number: message.number, fields: fields))
        if let question = message.message.question { stream?.counts[message.number] = question }
    }

    /// Sends what the connection has room for.
    func flushStream() {
        guard isConnected, let publisher, stream != nil else { return }
        while publisher.room > 2, let step = stream?.sender.next {
            if let question = stream?.counts.removeValue(forKey: step.addition.number) {
                // All hosts read the question, and answer it, also those without its namespace. All have this one.
                let all = ChannelName.own(prefix: url.prefix, namespace: "/")
                if let command = publisher.send(pubSub.count(all)) { hostCounts[command] = question }
            }
            let command = stream?.commands.add(step)
            // The connection may have ended meanwhile. Then the entry is sent again on the next one.
            guard let command, let number = publisher.send(command), self.publisher === publisher else { return }
            stream?.sender.sent(as: number)
        }
    }

    /// Handles the answer to a command that adds an entry.
    /// - Returns: false if it is another command.
    func addition(_ command: UInt64, _ result: Result<RESPValue, RedisError>) -> Bool {
        guard stream?.sender.isNext(command) == true else { return false }
        switch result {
        case .success(let value):
            stream?.sender.added(value.text.flatMap { EntryID($0) })
            askWaiting()
        case .failure(let error):
            refused(error)
        }
        return true
    }

    /// The server has refused a command. Without the right to scripts, the host continues without them.
    private func refused(_ error: RedisError) {
        if error.kind == .noPermission {
            stream?.commands.usesScripts = false
            stream?.sender.isPipelined = false
        }
        ended(RedisPubSub.reason(of: error))
    }

    // MARK: Questions

    /// Asks once the earlier messages are in the stream.
    func ask(_ question: BackplaneQuestion, requestID: String) {
        guard let stream else { return }
        self.stream?.waiting.append(
            RedisStream.WaitingQuestion(question: question, requestID: requestID, after: stream.sender.last))
        askWaiting()
    }

    private func askWaiting() {
        while let stream, let first = stream.waiting.first, stream.sender.answered >= first.after {
            _ = self.stream?.waiting.removeFirst()
            let dialect = namespaces[first.question.namespace]?.dialect
            let encoded = dialect?.encode(
                first.question, requestID: first.requestID, after: stream.sender.lastEntry)
            guard let (channel, payload) = encoded else { continue }
            outbox.append(RedisPublication(channel: channel, payload: payload, requestID: first.requestID))
        }
    }

    /// Passes the question of another host on, when this host has read what the other had added before.
    func receive(_ question: BackplaneQuestion, _ asker: BackplaneAsker, after: EntryID?) {
        guard let stream else {
            receive?(.asked(question, asker))
            return
        }
        let place = stream.reading.place
        if self.stream?.held.hold(question, asker, after: after, at: place, now: loop.now) == true {
            startHoldTimer()
        } else {
            receive?(.asked(question, asker))
        }
    }

    private func passHeld() {
        let place = stream?.reading.place
        for (question, asker) in stream?.held.takeReady(at: place, now: loop.now) ?? [] {
            receive?(.asked(question, asker))
        }
    }

    private func startHoldTimer() {
        guard stream?.isHoldTimerRunning == false else { return }
        stream?.isHoldTimerRunning = true
        loop.startTask {
            await self.loop.pause(for: HeldQuestions.patience)
            await self.holdTimerFired()
        }
    }

    private func holdTimerFired() {
        stream?.isHoldTimerRunning = false
        passHeld()
        if stream?.held.isEmpty == false { startHoldTimer() }
    }

    // MARK: Reading

    /// The connection that reads has begun: finds out where the stream is.
    func beginReading() {
        guard let stream, let reader = stream.reader else { return }
        self.stream?.read = .begin(server: nil)
        reader.send(StreamCommands.server)
        reader.send(stream.commands.info)
    }

    private func readOn() {
        guard let stream, let reader = stream.reader, let place = stream.reading.place else { return }
        self.stream?.read = .entries(nil)
        reader.send(stream.commands.read(after: place, count: stream.reading.count))
        // If the last entry is still there afterwards, nothing that was not read was trimmed before.
        reader.send(stream.commands.exists(place))
    }

    /// Handles the answer to a command of the connection that reads.
    func readAnswered(_ result: Result<RESPValue, RedisError>) {
        guard let read = stream?.read else { return }
        do throws(RedisError) {
            switch read {
            case .begin(server: nil): stream?.read = .begin(server: result)
            case .begin(let server?): try began(server, result)
            case .entries(nil):
                guard let entries = StreamCommands.entries(inRead: try result.get()) else {
                    return ended("the answer to XREAD is malformed")
                }
                let fitting = stream?.reading.fitting(entries)
                stream?.read = .entries(fitting.map { Array($0) } ?? [])
            case .entries(let entries?):
                if StreamCommands.isThere(try result.get()) { return deliver(entries) }
                stream?.read = .check(entries)
                if let info = stream?.commands.info { stream?.reader?.send(info) }
            case .check(let entries):
                let facts = try StreamCommands.facts(server: result, stream: result)
                if stream?.reading.placeIsGone(facts, entries.map(\.id)) == true {
                    receive?(.gap)
                    if stream?.reading.isReplaced == true { receive?(.keptSessionsMayBeLost) }
                }
                deliver(entries)
            }
        } catch {
            refused(error)
        }
    }

    private func began(
        _ server: Result<RESPValue, RedisError>, _ info: Result<RESPValue, RedisError>
    ) throws(RedisError) {
        let facts = try StreamCommands.facts(server: server, stream: info)
        if stream?.reading.place == nil {
            _ = stream?.reading.connected(facts)
            // What others have added before this host knew the stream is not read.
            if let place = stream?.reading.place {
                stream?.knows(place)
                receive?(.reached(place))
            }
            receive?(.gap)
        } else if stream?.reading.connected(facts) == true {
            receive?(.gap)
            receive?(.keptSessionsMayBeLost)
        }
        stream?.hasPlace = true
        completeConnection()
        readOn()
    }

    private func deliver(_ entries: [StreamCommands.Entry]) {
        // The connection may end meanwhile, and all of them are delivered all the same.
        stream?.reading.read(entries.map(\.id), byteCount: entries.reduce(0) { $0 + $1.byteCount })
        if let first = entries.first { stream?.knows(first.id) }
        for entry in entries {
            guard let fields = entry.fields else {
                receive?(.gap)
                receive?(.ignored(reason: "an entry of the stream is too large"))
                continue
            }
            do throws(FormatError) {
                switch try StreamEntry(fields) {
                case .official(let message): deliver(message, entry.id)
                case .own(let namespace, let stamp, let message):
                    let content = message.map { BackplaneMessage.host($0) } ?? .marker(namespace: namespace)
                    deliver(content, stamp, in: namespace, entry.id)
                }
            } catch {
                receive?(.ignored(reason: "\(error)"))
            }
        }
        // Its message may be for a namespace that this host does not have, so that it was not delivered.
        if let last = entries.last { receive?(.reached(last.id)) }
        passHeld()
        readOn()
    }

    private func deliver(_ message: ClusterMessage, _ entry: EntryID) {
        guard namespaces[message.namespace] != nil else { return }
        if let content = message.content.message(in: message.namespace) {
            deliver(content, message.stamp, in: message.namespace, entry)
        } else if message.isFromNode, let uid = namespaces[message.namespace]?.uid, message.uid != uid,
            let (question, id) = message.content.question(in: message.namespace)
        {
            // Adapters before version 0.3 ask in the stream.
            receive?(.asked(question, BackplaneAsker(node: message.uid, namespace: message.namespace, request: id)))
        }
    }
}
