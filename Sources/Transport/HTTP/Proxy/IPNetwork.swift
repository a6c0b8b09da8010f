/// An address, or all addresses that begin with the same bits (CIDR, RFC 4632 and RFC 4291, section 2.3).
struct IPNetwork: Hashable {
    private let base: IPAddress
    private let mask: UInt128

    /// The reason why a text is not a network.
    enum WrittenError: Error {
        case malformed
        /// The base has bits that the mask clears.
        case bitsAfterPrefix(base: String)
    }

    /// Parses `10.0.0.0/8`, `fd00::/8`, or a single address.
    init(_ written: some Collection<UInt8>) throws(WrittenError) {
        let parts = written.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.count <= 2, let address = IPAddress(parts[0]) else { throw .malformed }
        let isDecimal = !parts[0].contains(UInt8(ascii: ":"))
        let width = isDecimal ? 32 : 128
        guard let length = parts.count == 1 ? width : Self.number(parts[1]), length <= width else { throw .malformed }
        let cleared = width - length
        mask = cleared == 128 ? 0 : UInt128.max << UInt128(cleared)
        base = address
        guard address.bits & ~mask == 0 else {
            let start = address.bits & mask
            let bytes = (0..<16).map { UInt8(truncatingIfNeeded: start >> (120 - 8 * $0)) }
            throw .bitsAfterPrefix(base: "\(IPAddress(networkBytes: bytes))")
        }
    }

    func contains(_ address: IPAddress) -> Bool {
        // `::/0` is every IPv6 address, and not the mapped form of an IPv4 address.
        address.isIPv4 == base.isIPv4 && (address.bits ^ base.bits) & mask == 0
    }

    /// True if one of the networks contains the other.
    func overlaps(_ address: IPAddress, mask otherMask: UInt128) -> Bool {
        address.isIPv4 == base.isIPv4 && (address.bits ^ base.bits) & mask & otherMask == 0
    }

    private static func number(_ digits: some Collection<UInt8>) -> Int? {
        guard 1...3 ~= digits.count, digits.allSatisfy(HTTPGrammar.isDigit) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }
}
