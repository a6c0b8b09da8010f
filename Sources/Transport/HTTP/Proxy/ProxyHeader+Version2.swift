/// Version 2, in binary:
///
///     byte   0          12           13          14      16
///            signature  version and  family and  size    addresses, ports, other fields
///                       command      protocol    of the
///                                                rest
extension ProxyHeader {
    /// The size of the part before the addresses.
    private static let fixedSize = 16
    /// The largest accepted header in bytes. Those of HAProxy, with all fields, are smaller.
    private static let maxSize = 4096
    private static let localCommand: UInt8 = 0x20
    private static let proxyCommand: UInt8 = 0x21

    static func version2(_ bytes: [UInt8]) -> Progress {
        // Refuse wrong bytes as soon as they arrive.
        if bytes.count > 12, bytes[12] != localCommand, bytes[12] != proxyCommand { return .malformed(.invalidCommand) }
        guard bytes.count >= fixedSize else { return .incomplete }
        let end = fixedSize + (Int(bytes[14]) << 8 | Int(bytes[15]))
        guard end <= maxSize else { return .malformed(.tooLarge(limit: maxSize)) }
        if bytes[12] == localCommand {
            // The family and the addresses have no meaning.
            return bytes.count < end ? .incomplete : .header(ProxyHeader(source: .proxy, byteCount: end))
        }
        guard let layout = layout(ofFamily: bytes[13]) else { return .malformed(.unknownFamily) }
        guard fixedSize + layout.total <= end else { return .malformed(.incompleteAddresses) }
        guard bytes.count >= end else { return .incomplete }
        let source: Source =
            switch layout.address {
            case 0: .unknown
            case 4, 16: .client("\(IPAddress(networkBytes: bytes[fixedSize..<(fixedSize + layout.address)]))")
            default: .client("")
            }
        guard let isSecure = isSecure(bytes[(fixedSize + layout.total)..<end]) else {
            return .malformed(.incompleteField)
        }
        return .header(ProxyHeader(source: source, isSecure: isSecure, byteCount: end))
    }

    /// True if a field of type `PP2_TYPE_SSL` says that the client uses TLS. nil if a field ends after the header.
    /// - Parameter fields: one after the other the type, two bytes of size, and the value of each field.
    private static func isSecure(_ fields: ArraySlice<UInt8>) -> Bool? {
        var isSecure = false
        var rest = fields
        while !rest.isEmpty {
            let head = Array(rest.prefix(3))
            guard head.count == 3 else { return nil }
            let value = rest.dropFirst(3).prefix(Int(head[1]) << 8 | Int(head[2]))
            guard value.count == Int(head[1]) << 8 | Int(head[2]) else { return nil }
            if head[0] == 0x20, let flags = value.first, flags & 1 != 0 { isSecure = true }
            rest = rest[value.endIndex...]
        }
        return isSecure
    }

    /// The sizes of one address, and of both addresses with their ports; nil for a family or protocol that does not
    /// exist.
    private static func layout(ofFamily code: UInt8) -> (address: Int, total: Int)? {
        switch code {
        case 0x00: (0, 0)
        case 0x11, 0x12: (4, 12)
        case 0x21, 0x22: (16, 36)
        // Unix domain sockets.
        case 0x31, 0x32: (108, 216)
        default: nil
        }
    }
}
