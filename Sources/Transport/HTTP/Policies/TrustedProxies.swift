/// The proxies in front of a server whose information about clients is believed.
///
/// A trusted proxy may name the client of each request in the header `X-Forwarded-For`, the client's scheme in
/// `X-Forwarded-Proto`, and the host that the client asked for in `X-Forwarded-Host`. It may also begin a connection
/// with a header of HAProxy's PROXY protocol, version 1 or 2, which names the client of the whole connection. The
/// headers of that client's requests are then believed only if it is a trusted proxy too. From any other peer none of
/// these has an effect, because every client can send them.
///
/// - `X-Forwarded-For`: its elements are read from the last to the first, because each proxy adds the address of its
///   own peer at the end. The first address that is not a trusted proxy is the client. If an element that is not an
///   address comes first, or none of the last 32 elements is the client's, the client's address is `unknown`: all such
///   clients share the limits of one address. `unix:`, which nginx writes for a peer over a Unix domain socket, counts
///   as an address if such peers are trusted.
/// - `X-Forwarded-Proto` and `X-Forwarded-Host`: the last element counts. The trusted proxy itself has written it or
///   chosen to pass it on, and earlier elements may come from the client. In a chain of proxies the one that clients
///   reach sets both headers, and the others pass them on unchanged. A proxy that neither sets nor removes one of them
///   lets its clients choose the value.
///
/// Empty elements are ignored, but count towards the limit of 32, which all three headers have.
///
/// The ``HostPolicy`` must allow both the `Host` header and `X-Forwarded-Host`: a page that reached the server by DNS
/// rebinding can set the second one, but not the first.
public struct TrustedProxies: Sendable, Hashable {
    /// No proxy.
    public static let none = TrustedProxies()
    /// Every peer, for a server whose answers do not depend on the client.
    package static let everyone = (try? TrustedProxies("0.0.0.0/0,::/0,unix")) ?? none

    private var networks: [IPNetwork] = []
    private var includesUnix = false

    /// The error for an element of the list that has no valid form.
    public struct WrittenError: Error, Equatable, Sendable, CustomStringConvertible {
        /// The element, and what to write instead.
        public let description: String
    }

    private init() {}

    /// Parses a list written by an operator, such as `10.0.0.0/8, ::1, loopback, unix`.
    /// - Parameter list: elements separated by commas. Each is an address, a network in CIDR notation, `loopback` for
    ///   127.0.0.0/8 and ::1, or `unix` for peers over a Unix domain socket. Spaces around elements and empty elements
    ///   are ignored.
    /// - Throws: ``WrittenError`` for any other element, such as a host name.
    public init(_ list: String) throws(WrittenError) {
        for element in Array(list.utf8).split(separator: UInt8(ascii: ",")) {
            let element = HTTPGrammar.trimmed(element)
            if !element.isEmpty { try add(element) }
        }
    }

    private mutating func add(_ element: ArraySlice<UInt8>) throws(WrittenError) {
        let text = String(decoding: element, as: UTF8.self)
        switch text {
        case "unix": includesUnix = true
        case "loopback":
            try add(Array("127.0.0.0/8".utf8)[...])
            try add(Array("::1".utf8)[...])
        default:
            do throws(IPNetwork.WrittenError) {
                networks.append(try IPNetwork(element))
            } catch {
                throw WrittenError(description: Self.explanation(of: error, in: text))
            }
        }
    }

    private static func explanation(of error: IPNetwork.WrittenError, in text: String) -> String {
        switch error {
        case .malformed:
            "\"\(text)\" is not a proxy's address: write an address such as 10.0.0.1 or fd00::1, a network such as "
                + "10.0.0.0/8, loopback or unix"
        case .bitsAfterPrefix(let base):
            "\"\(text)\" is not a network, because the address has bits after the prefix: write "
                + "\(base)/\(text.split(separator: "/").last ?? "") for the network, or the address alone"
        }
    }

    /// True if no peer is trusted.
    var isEmpty: Bool { networks.isEmpty && !includesUnix }

    /// True if a peer is one of these proxies.
    /// - Parameter peer: the peer's numeric address as in ``HTTPExchange/peer``: empty for a Unix domain socket. The
    ///   interface in `fe80::1%eth0` is ignored, and `::ffff:10.0.0.1` is 10.0.0.1.
    public func contains(peer: String) -> Bool {
        guard !isEmpty else { return false }
        return peer.isEmpty ? includesUnix : IPAddress(peer: peer).map(contains) ?? false
    }

    /// True if one of these proxies has an address in a group.
    package func includes(oneOf group: AddressGroup) -> Bool {
        networks.contains { group.overlaps($0) }
    }

    func contains(_ address: IPAddress) -> Bool {
        networks.contains { $0.contains(address) }
    }
}
