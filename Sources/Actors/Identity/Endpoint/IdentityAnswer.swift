import Transport

/// A verdict and the time for which the same question need not be asked again; zero for none.
struct IdentityAnswer: Sendable {
    let verdict: IdentityVerdict
    let lifetime: Duration
    /// The memory in bytes that the verdict may take.
    let byteCount: Int

    /// The longest time for which an identity, and a refusal, is remembered.
    static let maxLifetime = (identity: Duration.seconds(3600), refusal: Duration.seconds(5))
    /// The longest message of a refusal, and its largest data, in bytes.
    static let maxMessage = 256
    static let maxData = 4096
    /// The largest number of actions, and the longest name of one in bytes.
    static let maxActions = 100
    static let maxAction = 64

    /// - Parameters:
    ///   - response: the endpoint's.
    ///   - maxRooms: the largest number of rooms.
    init(_ response: HTTPClientResponse, maxRooms: Int) {
        byteCount = response.body.count
        do throws(HTTPIdentityFailure) {
            (verdict, lifetime) = try Self.read(response, maxRooms)
        } catch {
            (verdict, lifetime) = (.unavailable(error), .zero)
        }
    }

    private static func read(
        _ response: HTTPClientResponse, _ maxRooms: Int
    ) throws(HTTPIdentityFailure) -> (IdentityVerdict, lifetime: Duration) {
        let object = object(response.body)
        switch response.status {
        case 200:
            guard let object else { throw .invalidAnswer("the body is not a JSON object") }
            let identity = try identity(object, maxRooms)
            return (.identity(identity), min(try time("cache", of: object) ?? .zero, maxLifetime.identity))
        // Other statuses say nothing about the client, also with a message: 404 comes of a wrong URL, and 429 of a busy
        // service.
        case 401, 403:
            let lifetime = object.flatMap { try? time("cache", of: $0) } ?? .zero
            return (.refused(refusal(object)), min(lifetime, maxLifetime.refusal))
        default: throw .status(response.status)
        }
    }

    /// There is no response.
    init(_ failure: HTTPIdentityFailure) {
        (verdict, lifetime, byteCount) = (.unavailable(failure), .zero, 0)
    }

    private static func object(_ body: [UInt8]) -> JSONText? {
        guard String(validating: body, as: UTF8.self) != nil, let value = try? JSONText(validating: body),
            value.kind == .object
        else { return nil }
        return value
    }

    private static func identity(
        _ object: JSONText, _ maxRooms: Int
    ) throws(HTTPIdentityFailure) -> ClientIdentity {
        guard let id = object["id"]?.string, IdentityMembers.isID(id) else {
            throw .invalidAnswer("id is not a text of 1 to \(IdentityMembers.maxID) bytes")
        }
        do throws(IdentityMembers.Malformed) {
            let rooms = try IdentityMembers.texts(
                object["rooms"], atMost: maxRooms, maxText: IdentityMembers.maxRoom)
            return ClientIdentity(
                id: id, name: try IdentityMembers.name(object["name"]),
                expires: try IdentityMembers.time(present(object["expires"])), rooms: rooms ?? [],
                claims: object.detached,
                actions: try IdentityMembers.texts(object["actions"], atMost: maxActions, maxText: maxAction))
        } catch {
            throw .invalidAnswer("name, expires, rooms or actions is not what it must be")
        }
    }

    /// Nil also for null.
    private static func present(_ value: JSONText?) -> JSONText? {
        value.flatMap { $0.isNull ? Optional.none : $0 }
    }

    private static func time(_ name: String, of object: JSONText) throws(HTTPIdentityFailure) -> Duration? {
        do throws(IdentityMembers.Malformed) {
            return try IdentityMembers.time(present(object[name]))
        } catch {
            throw .invalidAnswer("\(name) is not a number of seconds")
        }
    }

    private static func refusal(_ object: JSONText?) -> ConnectError {
        guard let message = object?["message"]?.string, !message.isEmpty else { return ConnectError("unauthorized") }
        let data = object?["data"].flatMap { $0.utf8.count <= maxData ? $0.detached : Optional.none }
        return ConnectError(String(decoding: message.utf8.prefix(maxMessage), as: UTF8.self), data: data)
    }
}
