import Persistence
import Transport

/// The service through which a server exchanges events with servers on other hosts.
public struct BackplaneService: Sendable {
    /// Makes the backplane of a hub that runs on this loop. It connects when the hub starts it.
    public let makeBackplane: @Sendable (_ loop: EventLoop) -> any Backplane

    /// Describes a service of the application's own.
    public init(makeBackplane: @escaping @Sendable (_ loop: EventLoop) -> any Backplane) {
        self.makeBackplane = makeBackplane
    }

    /// A Redis server, in the format of an official Redis adapter.
    /// - Parameters:
    ///   - url: `redis://[USER:PASSWORD@]HOST[:PORT][,HOST…][/DATABASE]`, or `redis+unix:///PATH` for a Unix domain
    ///     socket. With `redis-sharded` in place of `redis`, sharded pub/sub in the format of the sharded adapter. With
    ///     `redis-streams`, a stream in the format of the Redis Streams adapter.
    ///   - patience: How long events wait for a server that cannot be reached, before the host continues alone. By
    ///     default two seconds, or 30 with a stream.
    ///   - outage: What happens to events then.
    /// - Throws: ``BackplaneError/invalidURL(_:)``.
    public static func redis(
        _ url: String, patience: Duration? = nil, outage: OutagePolicy = .local
    ) throws(BackplaneError) -> BackplaneService {
        let parsed: RedisURL
        do throws(RedisURLError) {
            parsed = try RedisURL(url)
        } catch {
            throw .invalidURL("\(error)")
        }
        let pubSub = RedisPubSub(parsed)
        // Events in a stream are not lost, so they can wait long.
        let patience = patience ?? (pubSub == .streams ? .seconds(30) : .seconds(2))
        return BackplaneService { loop in
            RedisBackplane(parsed, pubSub, patience: patience, outagePolicy: outage, on: loop)
        }
    }

    /// A PostgreSQL database, in the format of the official PostgreSQL adapter.
    /// - Parameters:
    ///   - url: `postgres://USER[:PASSWORD]@HOST[:PORT][,HOST…]/DATABASE[?prefix=PREFIX&attachments=TABLE]`. The
    ///     password may also come from `PGPASSWORD` or from the file that `PGPASSFILE` names.
    ///   - patience: How long events wait for a server that cannot be reached, before the host continues alone.
    ///   - outage: What happens to events then.
    /// - Throws: ``BackplaneError/invalidURL(_:)``.
    public static func postgres(
        _ url: String, patience: Duration = .seconds(2), outage: OutagePolicy = .local
    ) throws(BackplaneError) -> BackplaneService {
        let parsed: PostgresBackplaneURL
        do throws(PostgresURLError) {
            parsed = try PostgresBackplaneURL(url)
        } catch {
            throw .invalidURL("\(error)")
        }
        return BackplaneService { loop in
            PostgresBackplane(parsed, patience: patience, outagePolicy: outage, on: loop)
        }
    }
}

/// A failure to use a backplane.
public enum BackplaneError: Error, Sendable, Equatable {
    /// The URL cannot be used, for this reason.
    case invalidURL(String)
}

extension BackplaneError: CustomStringConvertible {
    /// One line for the operator.
    public var description: String {
        switch self {
        case .invalidURL(let reason): reason
        }
    }
}
