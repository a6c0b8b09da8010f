/// The addresses that count as one client: an IPv4 address, or the IPv6 network of 64 bits that an address is in. All
/// clients whose address is unknown are one group.
struct AddressGroup: Hashable, CustomStringConvertible {
    /// Nil for the clients whose address is unknown.
    private let first: IPAddress?

    /// The group of a client.
    /// - Parameters:
    ///   - peer: the numeric address of the client, or ``HTTPPeer/unknown``.
    ///   - proxies: the addresses that have no group, because many clients may share them.
    /// - Returns: nil also for a loopback address and for a peer over a Unix domain socket.
    init?(ofPeer peer: String, except proxies: TrustedProxies) {
        guard peer != HTTPPeer.unknown else {
            first = nil
            return
        }
        guard let address = IPAddress(peer: peer), !address.isLoopback, !proxies.contains(address) else { return nil }
        first = address.isIPv4 ? address : IPAddress(bits: address.bits & ~UInt128(UInt64.max))
    }

    /// An IPv4 address, an IPv6 network such as `2001:db8::/64`, or `unknown`.
    var description: String {
        guard let first else { return HTTPPeer.unknown }
        return first.isIPv4 ? "\(first)" : "\(first)/64"
    }

    /// Which of `count` shares the group's network has: that of the first 16 bits of an IPv4 address, or the first 32
    /// bits of an IPv6 address, which is about what one provider has.
    func share(of count: Int) -> Int {
        let network = first.map { $0.bits >> ($0.isIPv4 ? 16 : 96) }
        return Int(UInt(bitPattern: network.hashValue) % UInt(count))
    }
}

extension IPAddress {
    /// True for 127.0.0.0/8 and ::1.
    var isLoopback: Bool {
        isIPv4 ? UInt8(truncatingIfNeeded: bits >> 24) == 127 : bits == 1
    }
}
