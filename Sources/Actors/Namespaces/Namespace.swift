import Synchronization
import Transport

/// A namespace: a set of sockets with common handlers. It may be set up and used from any thread.
public final class Namespace: ConnectionHandling, Broadcasting {
    /// How the namespace's sockets follow the stored messages.
    struct MessageSettings: Sendable {
        /// The name of the event that carries stored messages; nil in a namespace without stored messages.
        var event: String?
        /// Determines a client's settings for stored messages.
        var profile: @Sendable (Handshake) -> MessageProfile = { _ in MessageProfile() }
    }

    /// The name, `/` for the main namespace.
    public let name: String
    /// Weak, because the table retains its namespaces.
    private weak let table: NamespaceTable?
    private let state = Mutex(MessageSettings())
    /// The handlers for all sockets of the namespace.
    public let handlerRegistry: HandlerRegistry
    /// The group of a dynamic namespace; nil for another one. See ``ParentNamespace/group``.
    let group: String?
    let roomHandlers = RoomHandlers()

    init(name: String, in table: NamespaceTable?, parent: ParentNamespace? = nil) {
        self.name = name
        self.table = table
        group = parent?.group
        handlerRegistry = HandlerRegistry(reservesConnection: true, copying: parent?.handlerRegistry)
    }

    var messageSettings: MessageSettings { state.withLock { $0 } }

    /// Makes this the namespace of the stored messages. Every socket receives each message as an event with the text
    /// and the message's id as arguments. A new socket first receives the messages above the `serverOffset` in its
    /// `auth`, or as many of the latest messages as `latest` in its `auth` asks for.
    /// - Parameters:
    ///   - event: The name of the event, which must not be reserved.
    ///   - profile: Returns the message form and the author of a new client; called on the loop. By default all clients
    ///     get the plain form.
    public func storesMessages(
        as event: String, profile: @escaping @Sendable (Handshake) -> MessageProfile = { _ in MessageProfile() }
    ) {
        guard !ReservedEventNames.contains(event) else { fatalError("the event name \(event) is reserved") }
        state.withLock {
            $0.event = event
            $0.profile = profile
        }
        table?.setMessageNamespace(self)
    }

    // MARK: Emitting

    /// All sockets in the namespace, on every worker. Before the server has started there are none.
    public var everyone: Audience {
        Audience(worker: table?.worker, namespace: name, rooms: [], exceptions: [], sender: nil, isVolatile: false)
    }
}
