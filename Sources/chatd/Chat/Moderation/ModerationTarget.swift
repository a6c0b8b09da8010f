import Actors
import Persistence
import Transport

/// The clients that an operator's command is about.
package enum ModerationTarget: Hashable, Sendable, CustomStringConvertible {
    /// One connection, by the public id of its socket.
    case connection(SessionID)
    /// All connections of a user, by the id of the identity, or by the author's id of a client without one.
    case user(String)
    /// All connections of an address.
    case address(AddressGroup)

    /// The largest id of a user, in bytes.
    static let maxUser = TokenVerifier.maxID

    /// Parses what ``description`` returns. An address needs no prefix, and an IPv6 address may be in brackets.
    /// - Returns: nil for any other text.
    package init?(_ text: String) {
        if text.hasPrefix("user:") {
            let user = String(text.dropFirst("user:".count))
            guard (1...Self.maxUser).contains(user.utf8.count), !user.utf8.contains(0) else { return nil }
            self = .user(user)
            return
        }
        let hasPrefix = text.hasPrefix("address:")
        let address = hasPrefix ? text.dropFirst("address:".count) : text[...]
        let hasBrackets = address.hasPrefix("[") && address.hasSuffix("]") && address.contains(":")
        if let group = AddressGroup(written: String(hasBrackets ? address.dropFirst().dropLast() : address)) {
            self = .address(group)
        } else if !hasPrefix, let id = SessionID(text) {
            self = .connection(id)
        } else {
            return nil
        }
    }

    package var description: String {
        switch self {
        case .connection(let id): id.description
        case .user(let user): "user:\(user)"
        case .address(let group): "address:\(group)"
        }
    }

    /// The room whose members, connected or lost, are these clients.
    package var room: String {
        if case .connection(let id) = self { id.description } else { "chatd:\(description)" }
    }
}

/// The parts of a client by which it can be banned.
struct ModeratedClient: Equatable {
    let user: String?
    let address: AddressGroup?

    /// - Parameters:
    ///   - handshake: the client's.
    ///   - author: the client's id as the author of messages.
    ///   - proxies: the addresses that many clients share.
    init(_ handshake: Handshake, author: [UInt8]?, except proxies: TrustedProxies) {
        user = author.map { String(decoding: $0, as: UTF8.self) }
        address = AddressGroup(ofPeer: handshake.address, except: proxies)
    }

    /// A client that is in. Its handshake may have no `auth` any more.
    init(_ socket: Socket, except proxies: TrustedProxies) {
        self.init(socket.handshake, author: socket.messageProfile.author, except: proxies)
    }

    /// The targets that include this client, without its connection.
    var targets: [ModerationTarget] {
        [user.map { .user($0) }, address.map { .address($0) }].compactMap { $0 }
    }
}
