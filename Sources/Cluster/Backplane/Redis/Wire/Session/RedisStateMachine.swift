/// One connection's protocol, from HELLO on: bytes in, events and bytes out (RESP protocol specification; Redis,
/// "Pub/Sub" and "HELLO").
///
/// The connection is not encrypted. Commands are pipelined, and a server answers them in order.
package struct RedisStateMachine {
    package enum Event: Equatable, Sendable {
        /// The session has started.
        case ready(RedisServer)
        /// A command was answered. The answer to a command that subscribes or unsubscribes comes after its last
        /// confirmation and is null.
        case answered(number: UInt64, Result<RESPValue, RedisError>)
        case message(RedisMessage)
        /// A subscription has begun. The count is that of the connection's channels and patterns, or of its sharded
        /// channels.
        case subscribed(RedisSubscription, channel: [UInt8], count: Int)
        /// A subscription has ended, perhaps without a command: a server drops sharded channels when it loses their
        /// slot.
        case unsubscribed(RedisSubscription, channel: [UInt8], count: Int)
        /// The session has ended. Close the connection. The outcome of the open commands is unknown.
        case failed(RedisFailure)
    }

    private enum Phase {
        case created
        case starting(RedisHandshake)
        case started(RedisProtocolVersion)
        case ended
    }

    private let identity: Identity
    private let maxOpenAnswers: Int
    private var phase = Phase.created
    private var reader: RESPReader
    private var output = RESPWriter()
    private var pipeline = RedisPipeline()
    /// The last counts of the server for channels and patterns, and for sharded channels.
    private var subscriptions = (channels: 0, shards: 0)

    /// - Parameter maxOpenAnswers: how many commands may wait for their answers.
    package init(_ identity: Identity, limits: RESPLimits = RESPLimits(), maxOpenAnswers: Int = 10_000) {
        self.identity = identity
        self.maxOpenAnswers = maxOpenAnswers
        reader = RESPReader(limits: limits)
    }

    /// True if commands can be sent.
    package var isReady: Bool { if case .started = phase { true } else { false } }

    /// True after the end. All further input is ignored.
    package var hasEnded: Bool { if case .ended = phase { true } else { false } }

    /// The number of commands whose answers have not arrived.
    package var openAnswers: Int { pipeline.count }

    /// How many commands can be sent now.
    package var room: Int { maxOpenAnswers - openAnswers }

    /// Begins the session.
    package mutating func start() {
        // The owner starts the session when its connection opens, which happens once.
        guard case .created = phase else { preconditionFailure("a connection has one session") }
        var handshake = RedisHandshake(identity)
        for command in handshake.begin() { output.append(command) }
        phase = .starting(handshake)
    }

    /// Sends a command, which has one answer. The commands of subscriptions have methods of their own. CLIENT REPLY,
    /// HELLO, MONITOR, QUIT and RESET must not be sent.
    ///
    /// The session is ready and has room, or it has ended. With version 2 of the protocol, a subscribed connection gets
    /// an error as the answer.
    ///
    /// - Returns: the number of the command, to which an event refers; nil if the session has ended.
    package mutating func send(_ command: RedisCommand) -> UInt64? {
        send(command, expecting: .value)
    }

    /// Sends PING, to find out whether the server still answers.
    ///
    /// - Returns: the number of the command; nil if the session is not ready, or has no room because other answers are
    ///   due.
    package mutating func ping() -> UInt64? {
        guard isReady, room > 0 else { return nil }
        return send(RedisCommand("PING"), expecting: .pong)
    }

    /// Subscribes to channels or patterns, at least one. See ``send(_:)``.
    package mutating func subscribe(_ kind: RedisSubscription, to channels: [[UInt8]]) -> UInt64? {
        send(.begin(kind), channels)
    }

    /// Unsubscribes from channels or patterns, at least one. See ``send(_:)``.
    package mutating func unsubscribe(_ kind: RedisSubscription, from channels: [[UInt8]]) -> UInt64? {
        send(.end(kind), channels)
    }

    private mutating func send(_ change: RedisSubscriptionChange, _ channels: [[UInt8]]) -> UInt64? {
        precondition(!channels.isEmpty, "a subscription has a channel")
        return send(
            RedisCommand(change.command, values: channels), expecting: .confirmations(change, channels, confirmed: 0))
    }

    private mutating func send(_ command: RedisCommand, expecting expectation: RedisPipeline.Expectation) -> UInt64? {
        guard !hasEnded else { return nil }
        precondition(isReady && room > 0, "the session is not ready, or has no room")
        output.append(command)
        return pipeline.append(expectation)
    }

    /// Ends the session.
    package mutating func end() {
        phase = .ended
        pipeline = RedisPipeline()
        reader = RESPReader()
    }

    /// Returns the bytes for the server, and forgets them.
    package mutating func takeOutput() -> [UInt8] {
        defer { output = RESPWriter() }
        return output.bytes
    }

    /// Takes in bytes from the server.
    ///
    /// - Returns: what has happened. If the last event is ``Event/failed(_:)``, the session has ended.
    package mutating func receive(_ bytes: [UInt8]) -> [Event] {
        receive(bytes.span.bytes)
    }

    /// Takes in bytes from the server; see the overload for an array.
    package mutating func receive(_ bytes: RawSpan) -> [Event] {
        guard !hasEnded else { return [] }
        var values: [RESPValue] = []
        var events: [Event] = []
        do throws(RedisFailure) {
            let error = read(bytes, into: &values)
            for value in values { try handle(value.hiding(identity.password), &events) }
            if let error { throw .malformed(error) }
        } catch {
            end()
            events.append(.failed(error))
        }
        return events
    }

    private mutating func read(_ bytes: RawSpan, into values: inout [RESPValue]) -> RESPError? {
        do throws(RESPError) {
            try reader.read(bytes, into: &values)
            return nil
        } catch {
            return error
        }
    }

    private mutating func handle(_ value: RESPValue, _ events: inout [Event]) throws(RedisFailure) {
        switch (phase, value) {
        case (.started(.resp3), .push(let elements)): try handle(RedisNotice(elements), &events)
        case (.started(.resp2), .array(let elements)) where expectsNotice: try handle(RedisNotice(elements), &events)
        case (.started(.resp2), .push): throw .unexpected("a push in version 2 of the protocol")
        // Nothing is subscribed.
        case (.starting, .push): break
        case (.starting(var handshake), _):
            switch try handshake.receive(value) {
            case .waiting: phase = .starting(handshake)
            case .commands(let commands):
                for command in commands { output.append(command) }
                phase = .starting(handshake)
            case .ready(let server):
                phase = .started(server.protocolVersion)
                events.append(.ready(server))
            }
        case (.started, _): events.append(try answer(value))
        case (.created, .error(let error)): throw .refused(error)
        case (.created, _): throw .unexpected("before the first command")
        case (.ended, _): break
        }
    }

    /// True if an array is a notice. With version 2, a subscribed connection gets no other arrays.
    private var expectsNotice: Bool {
        if case .confirmations = pipeline.first { return true }
        return subscriptions.channels > 0 || subscriptions.shards > 0
    }

    private mutating func answer(_ value: RESPValue) throws(RedisFailure) -> Event {
        switch (value, pipeline.first) {
        // A server that ends the connection may tell why.
        case (.error(let error), nil): throw .refused(error)
        // A server that cannot write its data to the disk says so. It still delivers messages.
        case (.error, .pong): return .answered(number: pipeline.removeFirst(), .success(value))
        case (.error(let error), _): return .answered(number: pipeline.removeFirst(), .failure(error))
        case (_, nil): throw .unexpected("an answer without a command")
        case (_, .confirmations(let change, _, _)): throw .unexpected(change.command)
        case (_, .value), (_, .pong): return .answered(number: pipeline.removeFirst(), .success(value))
        }
    }

    private mutating func handle(_ notice: RedisNotice, _ events: inout [Event]) throws(RedisFailure) {
        switch notice {
        case .message(let message): events.append(.message(message))
        case .change(let change, let channel, let count):
            try note(change, channel: channel, count: count, &events)
        case .pong where pipeline.first == .pong:
            events.append(.answered(number: pipeline.removeFirst(), .success(.simple("PONG"))))
        case .pong, .unknown:
            guard case .started(.resp3) = phase else { throw .unexpected("an array that is no notice") }
        case .malformed(let kind): throw .unexpected(kind)
        }
    }

    private mutating func note(
        _ change: RedisSubscriptionChange, channel: [UInt8], count: Int, _ events: inout [Event]
    ) throws(RedisFailure) {
        let confirmation = pipeline.confirm(change, channel)
        guard confirmation != .unrelated || change == .end(.shard) else { throw .unexpected(change.command) }
        if change.subscription == .shard { subscriptions.shards = count } else { subscriptions.channels = count }
        switch change {
        case .begin(let kind): events.append(.subscribed(kind, channel: channel, count: count))
        case .end(let kind): events.append(.unsubscribed(kind, channel: channel, count: count))
        }
        if confirmation == .last { events.append(.answered(number: pipeline.removeFirst(), .success(.null))) }
    }
}

extension RESPValue {
    /// An error without a secret that the server repeats; see ``RedisError/hiding(_:)``.
    fileprivate func hiding(_ secret: String?) -> RESPValue {
        if case .error(let error) = self { .error(error.hiding(secret)) } else { self }
    }
}
