import Glibc

/// An IPv4 or IPv6 address as a number. An IPv4 address equals its IPv4-mapped IPv6 form (RFC 4291, section 2.5.5.2).
struct IPAddress: Hashable, CustomStringConvertible {
    /// The bits of the IPv6 form.
    let bits: UInt128

    /// The longest text of an address, an IPv6 address whose last four bytes are in decimal.
    private static let maxText = 45
    private static let mapped = UInt128(0xFFFF) << 32

    /// Parses an address as `inet_pton` does: no port, brackets, interface or leading zeros; nil for any other text.
    init?(_ text: some Collection<UInt8>) {
        // inet_pton would ignore everything after a zero byte.
        guard text.count <= Self.maxText, text.allSatisfy(Self.isAddressCharacter) else { return nil }
        let written = String(decoding: text, as: UTF8.self)
        if text.contains(UInt8(ascii: ":")) {
            var address = in6_addr()
            guard inet_pton(AF_INET6, written, &address) == 1 else { return nil }
            self.init(networkBytes: withUnsafeBytes(of: address) { Array($0) })
        } else {
            var address = in_addr()
            guard inet_pton(AF_INET, written, &address) == 1 else { return nil }
            self.init(networkBytes: withUnsafeBytes(of: address) { Array($0) })
        }
    }

    /// Parses the address of a peer, in which the interface of a link-local address may follow a percent sign.
    init?(peer: String) {
        self.init(peer.utf8.prefix { $0 != UInt8(ascii: "%") })
    }

    init(bits: UInt128) {
        self.bits = bits
    }

    /// Makes an address from its bytes in network order: 4 for IPv4, 16 for IPv6.
    init(networkBytes: some Collection<UInt8>) {
        let number = networkBytes.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
        bits = networkBytes.count == 4 ? Self.mapped | number : number
    }

    var isIPv4: Bool { bits >> 32 == Self.mapped >> 32 }

    /// The shortest text (RFC 5952). A mapped address is written as IPv4.
    var description: String {
        let bytes = (0..<16).map { UInt8(truncatingIfNeeded: bits >> (120 - 8 * $0)) }
        if isIPv4 { return bytes.suffix(4).map { "\($0)" }.joined(separator: ".") }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(AF_INET6, bytes, &text, socklen_t(text.count)) != nil else { return "::" }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func isAddressCharacter(_ byte: UInt8) -> Bool {
        HTTPGrammar.hexadecimalValue(byte) != nil || byte == UInt8(ascii: ".") || byte == UInt8(ascii: ":")
    }
}
