import Actors
import Transport

/// Connects the hub of one host with those of other hosts, through a broker that delivers the messages of all hosts to
/// each of them in one order.
///
/// A hub calls it on its loop. It publishes messages and applies them, its own too, when they are delivered.
public protocol Backplane: Sendable {
    /// How long messages wait for a broker that cannot be reached, before the host continues alone.
    var patience: Duration { get }

    /// How long messages wait for the first connection. By default ``patience``.
    var startPatience: Duration { get }

    /// What happens to events when they have waited so long. By default ``OutagePolicy/local``.
    var outagePolicy: OutagePolicy { get }

    /// True if it carries ``BackplaneMessage/host(_:)``, so that clients can resume their sessions at another host. It
    /// then delivers ``BackplaneDelivery/hostsCounted(_:others:)`` for each such message. By default it does not.
    var carriesHostMessages: Bool { get }

    /// True if the broker keeps messages for a time and names each with an ``EntryID``. Then a host that was
    /// disconnected reads what it has missed, and ``BackplaneDelivery/gap`` says that it could not read all of it. By
    /// default false: each outage is a gap.
    var keepsMessages: Bool { get }

    /// True if the broker keeps sessions, so that hosts can take those of a host that has died. By default it does not.
    var keepsSessions: Bool { get }

    /// Begins to connect.
    /// - Parameter receive: called on the loop with each delivery.
    func start(_ receive: @escaping @Sendable (BackplaneDelivery) -> Void)

    /// Makes the messages of a namespace arrive from now on. A call for the same namespace again has no effect.
    func open(_ namespace: String)

    /// Messages of other namespaces than these need not arrive any more. Called now and then.
    func release(allBut used: Set<String>)

    /// True if some messages to rooms arrive only while the room is open. Most backplanes have no such rooms.
    var opensRooms: Bool { get }

    /// Returns true if some messages to this room arrive only while it is open.
    func opens(_ room: BackplaneRoom) -> Bool

    /// Opens rooms, then closes others. A call for a room that is open, or closed, already has no effect.
    func change(opening opened: [BackplaneRoom], closing closed: [BackplaneRoom])

    /// Publishes messages in this order, while connected. They come back as ``BackplaneDelivery/returned(_:entry:)``.
    /// One that is published during an outage may be lost.
    func publish(_ messages: [OutgoingMessage])

    /// Opens another connection if the message with this number was published on the present one, and neither it nor a
    /// later one can come back there. The hub calls it again and again while a message is overdue, on a slow link too.
    /// By default it has no effect.
    func checkReturn(of number: UInt64)

    /// The hub has applied what it had published, and what was not returned, alone. So what waits for a connection must
    /// not be published any more. By default it has no effect.
    func abandon()

    /// Carries out commands about the sessions that the broker keeps, in this order. Each is answered by
    /// ``BackplaneDelivery/kept(_:_:)``, unless the connection ends before.
    /// - Parameters:
    ///   - command: the command.
    ///   - number: the caller's name of the command, never used before.
    func carryOut(_ command: SessionCommand, _ number: UInt64)

    /// True if each message of the namespace that the broker has had after an entry is delivered, or was.
    func delivers(_ namespace: String, since entry: EntryID) -> Bool

    /// Asks all other hosts, after the messages that were published before. Each answer is delivered, then
    /// ``BackplaneDelivery/questionEnded(_:isComplete:)``.
    /// - Parameters:
    ///   - question: the question.
    ///   - number: the caller's name of the question, never used before.
    func ask(_ question: BackplaneQuestion, _ number: UInt64)

    /// Waits for no further answers to a question.
    func dismiss(_ number: UInt64)

    /// Answers another host.
    func answer(_ answer: BackplaneAnswer, to asker: BackplaneAsker)

    /// Ends this host's own questions, and makes the other hosts ask it no further ones, as far as the broker lets it.
    /// Returns when the questions that they have asked before are delivered, or when that takes too long. They can
    /// still be answered afterwards, and messages be published. Messages need not come back any more, unless the broker
    /// keeps them. By default it has no effect.
    func withdraw() async

    /// Waits for a short time until the broker has what was published, then ends the connections. Other hosts learn
    /// that, if the broker has no other way to notice it.
    func close() async
}

extension Backplane {
    /// False: the messages to all rooms of an open namespace arrive.
    public var opensRooms: Bool { false }

    /// Returns false.
    public func opens(_ room: BackplaneRoom) -> Bool { false }

    /// Has no effect.
    public func change(opening opened: [BackplaneRoom], closing closed: [BackplaneRoom]) {}
}

extension Backplane {
    /// The same as ``patience``.
    public var startPatience: Duration { patience }

    /// Events reach the host's own clients.
    public var outagePolicy: OutagePolicy { .local }

    /// False.
    public var carriesHostMessages: Bool { false }

    /// False.
    public var keepsMessages: Bool { false }

    /// Has no effect.
    public func checkReturn(of number: UInt64) {}

    /// Has no effect.
    public func abandon() {}

    /// Has no effect.
    public func withdraw() async {}

    /// False.
    public var keepsSessions: Bool { false }

    /// Has no effect.
    public func carryOut(_ command: SessionCommand, _ number: UInt64) {}

    /// Returns false.
    public func delivers(_ namespace: String, since entry: EntryID) -> Bool { false }
}

/// What a backplane tells its hub.
public enum BackplaneDelivery: Sendable, Equatable {
    /// A connection begins, and nothing has arrived on it. Of this host's messages up to this number, none is returned
    /// any more. Every other host has received them by now, or will not receive them. A backplane whose broker keeps
    /// messages does not deliver this.
    case begun(after: UInt64)
    /// Messages can be published, and arrive.
    case connected
    /// Messages do not arrive any more. The backplane connects again.
    case disconnected(reason: String)
    /// A message of this host has come back. The entry is its name at a broker that keeps messages.
    case returned(UInt64, entry: EntryID? = nil)
    /// A message of another host, and the id of the last stored message that its host had published before; nil if it
    /// does not say. The entry is its name at a broker that keeps messages.
    case received(BackplaneMessage, row: Int64?, entry: EntryID? = nil)
    /// A question of another host.
    case asked(BackplaneQuestion, BackplaneAsker)
    /// The answer of another host to the question with this number.
    case answered(UInt64, BackplaneAnswer)
    /// No answer to the question with this number follows. It is complete if all other hosts have answered.
    case questionEnded(UInt64, isComplete: Bool)
    /// The number of other hosts that a message of this host about sessions has reached, or will reach. It may come
    /// before or after the message itself, and is not delivered if it cannot be found out.
    case hostsCounted(HostMessage, others: Int)
    /// Every message up to this entry was delivered, or is for no namespace of this host.
    case reached(EntryID)
    /// Messages of other hosts may have been lost before this place.
    case gap
    /// The answer to the command with this number.
    case kept(UInt64, SessionAnswer)
    /// Sessions that the broker has kept may be lost. After an outage, it comes before ``connected``.
    case keptSessionsMayBeLost
    /// A message that is malformed or exceeds a limit was ignored.
    case ignored(reason: String)
    /// Something of this host does not reach the others. The operator should know the reason.
    case problem(reason: String)
}
