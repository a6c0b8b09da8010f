import Actors
import Persistence
import Transport

/// Sends events to the sockets of all hosts, from a program that serves none: a job, a script, another service.
///
/// The hosts, and Node servers among them, share a broker. The emitter publishes there what a server would publish, so
/// it needs nothing but the address of the broker:
///
/// ```swift
/// let emitter = try Emitter("redis://redis.example.com")
/// try await emitter.to("orders").emit("paid", 4711)
/// await emitter.close()
/// ```
///
/// A value addresses the sockets of one namespace, at first those of the main one. ``of(_:)``, ``to(_:)-(String...)``,
/// ``except(_:)-(String...)`` and ``volatile`` return others that use the same connection.
///
/// Each call returns when the broker has taken the message. Whether a server has received it, the broker does not tell.
/// The emitter connects at the first call, and again when it has to. Nothing is sent twice. At most 16 MiB wait for the
/// broker.
public struct Emitter: Sendable {
    let publisher: any EventPublisher
    let coding: ValueCoding
    var namespace = "/"
    var rooms: [String] = []
    var exceptions: [String] = []
    var isVolatile = false
    /// True if the audience consists of the members of ``rooms``, even if that list is empty.
    var namesRooms = false

    /// Creates an emitter, with a thread of its own.
    /// - Parameters:
    ///   - url: The address of the broker, in the form in which servers have it: `redis://…`, `redis-sharded://…`,
    ///     `redis-streams://…` or `postgres://…`. A password for PostgreSQL may also come from `PGPASSWORD` or from the
    ///     file that `PGPASSFILE` names.
    ///   - timeout: How long a call waits for the broker.
    ///   - coding: The form of dates, and the encoder's `userInfo`.
    /// - Throws: ``EmitterError/invalidURL(_:)``; `SystemError` if the process has no descriptor or thread left.
    public init(_ url: String, timeout: Duration = .seconds(10), coding: ValueCoding = .standard) throws {
        let broker = try Self.broker(at: url)
        publisher = broker.makePublisher(timeout: timeout, on: try EventLoop.start(name: "emitter"))
        self.coding = coding
    }

    init(_ publisher: any EventPublisher, coding: ValueCoding = .standard) {
        self.publisher = publisher
        self.coding = coding
    }

    private static func broker(at url: String) throws(EmitterError) -> any EmitterBroker {
        let scheme = URLParts.scheme(of: url)
        return scheme == "postgres" || scheme == "postgresql" ? try postgres(at: url) : try redis(at: url)
    }

    private static func postgres(at url: String) throws(EmitterError) -> any EmitterBroker {
        do throws(PostgresURLError) {
            return PostgresEmitterBroker(try PostgresBackplaneURL(url))
        } catch {
            throw .invalidURL("\(error)")
        }
    }

    private static func redis(at url: String) throws(EmitterError) -> any EmitterBroker {
        do throws(RedisURLError) {
            return RedisEmitterBroker(try RedisURL(url))
        } catch {
            // Servers may have this word in place of a URL, for the database of their messages.
            if url == "postgres" { throw .invalidURL("an emitter needs the URL of the database: postgres://…") }
            throw .invalidURL(error == .badScheme ? "\(error), or with postgres://" : "\(error)")
        }
    }

    /// Connects and logs in, as the first call does.
    /// - Throws: ``EmitterError`` if no server accepts the connection and the user in time.
    package func connect() async throws {
        try await publisher.connect()
    }

    /// Ends the connection of this emitter and of all that were made of it. Calls that wait for the broker, and later
    /// ones, throw ``EmitterError/closed``.
    public func close() async {
        await publisher.close()
    }
}

/// Audiences.
extension Emitter {
    /// All sockets of a namespace.
    /// - Parameter namespace: The name, with or without its leading slash.
    public func of(_ namespace: String) -> Emitter {
        var emitter = Emitter(publisher, coding: coding)
        emitter.namespace = namespace.hasPrefix("/") ? namespace : "/\(namespace)"
        return emitter
    }

    /// Adds rooms whose members are addressed. A socket's id names a room that contains only this socket.
    public func to(_ rooms: String...) -> Emitter {
        to(rooms)
    }

    /// Adds one socket.
    public func to(_ id: SessionID) -> Emitter {
        to([id.description])
    }

    /// Adds rooms whose members are addressed.
    /// - Parameter rooms: The rooms. An emitter with an empty list of rooms addresses no socket.
    public func to(_ rooms: [String]) -> Emitter {
        var emitter = self
        emitter.rooms += rooms
        emitter.namesRooms = true
        return emitter
    }

    /// Adds rooms whose members are not addressed.
    public func except(_ rooms: String...) -> Emitter {
        except(rooms)
    }

    /// Adds rooms whose members are not addressed.
    public func except(_ rooms: [String]) -> Emitter {
        var emitter = self
        emitter.exceptions += rooms
        return emitter
    }

    /// The same audience for a volatile event: clients that are not ready to receive the event miss it.
    public var volatile: Emitter {
        var emitter = self
        emitter.isVolatile = true
        return emitter
    }
}
