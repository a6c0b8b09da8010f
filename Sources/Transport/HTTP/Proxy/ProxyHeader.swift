/// The header with which a proxy may begin a connection to name its client: HAProxy's PROXY protocol, versions 1 and 2
/// (`doc/proxy-protocol.txt` of HAProxy).
///
/// The protocol's text wants a receiver that always expects the header. Here it is optional, so that one port serves
/// proxies with and without it. No request can be mistaken for a header: a request line ends with an HTTP version, and
/// the signature of version 2 has a zero byte.
struct ProxyHeader: Equatable {
    /// The other end of the connection.
    enum Source: Equatable {
        /// The proxy itself, for example for a health check.
        case proxy
        /// A client whose address the proxy does not know.
        case unknown
        /// A client with this numeric address; empty for a Unix domain socket.
        case client(String)
    }

    /// The result of reading the first bytes of a connection.
    enum Progress: Equatable {
        /// The bytes may be the beginning of a header.
        case incomplete
        /// The connection does not begin with a header.
        case absent
        case header(ProxyHeader)
        case malformed(ProxyHeaderError)
    }

    let source: Source
    /// True if the header says that the client uses TLS.
    var isSecure = false
    /// The size of the header. The request follows.
    let byteCount: Int

    private static let signature1 = Array("PROXY ".utf8)
    private static let signature2: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]

    /// True if a connection with these first bytes begins with a header.
    static func isBegun(by bytes: [UInt8]) -> Bool {
        bytes.starts(with: signature1) || bytes.starts(with: signature2)
    }

    /// Reads the first bytes of a connection. The caller repeats the call with all bytes while the result is
    /// ``Progress/incomplete``, which happens for at most 4 KiB.
    static func read(_ bytes: [UInt8]) -> Progress {
        for (signature, parse) in [(signature1, version1), (signature2, version2)] {
            if bytes.starts(with: signature) { return parse(bytes) }
            if signature.starts(with: bytes) { return .incomplete }
        }
        return .absent
    }
}

/// The reason for refusing a connection that begins with a PROXY header.
enum ProxyHeaderError: Error, Equatable, CustomStringConvertible {
    /// A line of version 1 that is longer than the limit in bytes, or does not end with CRLF.
    case invalidLine(limit: Int)
    /// A line of version 1 whose addresses or ports do not have the form of its protocol.
    case invalidAddresses
    /// A header of version 2 with another version or command.
    case invalidCommand
    /// A header of version 2 with an unknown family or protocol.
    case unknownFamily
    /// A header of version 2 that is too short for its addresses.
    case incompleteAddresses
    /// A header of version 2 with a field that is longer than the header.
    case incompleteField
    /// A header of version 2 that is larger than the limit in bytes.
    case tooLarge(limit: Int)

    var description: String {
        switch self {
        case .invalidLine(let limit): "PROXY line does not end with CRLF within \(limit) bytes"
        case .invalidAddresses: "PROXY line is not TCP4 or TCP6 with two addresses and two ports, or UNKNOWN"
        case .invalidCommand: "PROXY header has another version than 2 or a command other than LOCAL and PROXY"
        case .unknownFamily: "PROXY header has an unknown address family or protocol"
        case .incompleteAddresses: "PROXY header is too short for its addresses"
        case .incompleteField: "PROXY header has a field that is longer than the header"
        case .tooLarge(let limit): "PROXY header is larger than \(limit) bytes"
        }
    }
}
