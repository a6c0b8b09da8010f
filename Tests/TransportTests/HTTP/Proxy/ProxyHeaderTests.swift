import TestSupport
import Testing

@testable import Transport

@Suite("PROXY protocol: the header with which a proxy names its client")
struct ProxyHeaderTests {
    typealias Source = ProxyHeader.Source

    /// A header of version 2.
    static func version2(
        command: UInt8 = 0x21, family: UInt8, _ block: [UInt8], size: Int? = nil
    ) -> [UInt8] {
        let size = size ?? block.count
        return Array("\r\n\r\n\0\r\nQUIT\n".utf8) + [command, family, UInt8(size >> 8), UInt8(size & 0xFF)] + block
    }

    static let ipv4: [UInt8] = [192, 0, 2, 1, 10, 0, 0, 1, 0xDC, 4, 1, 0xBB]
    static let ipv6: [UInt8] =
        [0x20, 0x01, 0x0D, 0xB8] + Array(repeating: 0, count: 11) + [1] + Array(repeating: 9, count: 16) + [1, 2, 3, 4]
    static let unix: [UInt8] = Array("/run/a".utf8) + Array(repeating: 0, count: 210)
    static let field: [UInt8] = [0x02, 0, 12] + Array("chat.example".utf8)

    static let valid: [([UInt8], Source)] = [
        (Array("PROXY TCP4 192.0.2.1 10.0.0.1 56324 443\r\n".utf8), .client("192.0.2.1")),
        (Array("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n".utf8), .client("255.255.255.255")),
        (Array("PROXY TCP4 0.0.0.0 0.0.0.0 0 0\r\n".utf8), .client("0.0.0.0")),
        (Array("PROXY TCP6 2001:DB8::1 ::1 1 2\r\n".utf8), .client("2001:db8::1")),
        (Array("PROXY TCP6 ::ffff:192.0.2.1 ::1 1 2\r\n".utf8), .client("192.0.2.1")),
        (Array("PROXY UNKNOWN\r\n".utf8), .unknown),
        (
            Array(
                ("PROXY UNKNOWN " + String(repeating: "ffff:", count: 7) + "ffff "
                    + String(repeating: "ffff:", count: 7) + "ffff 65535 65535\r\n").utf8), .unknown
        ),
        (version2(family: 0x11, ipv4), .client("192.0.2.1")),
        (version2(family: 0x12, ipv4), .client("192.0.2.1")),
        (version2(family: 0x11, ipv4 + field), .client("192.0.2.1")),
        (version2(family: 0x21, ipv6), .client("2001:db8::1")),
        (version2(family: 0x22, ipv6 + field), .client("2001:db8::1")),
        (version2(family: 0x31, unix), .client("")),
        (version2(family: 0x32, unix + field), .client("")),
        (version2(family: 0, []), .unknown),
        (version2(family: 0, field), .unknown),
        (version2(command: 0x20, family: 0, []), .proxy),
        (version2(command: 0x20, family: 0x11, ipv4), .proxy),
        (version2(command: 0x20, family: 0xFF, field), .proxy),
        (version2(family: 0x11, ipv4 + Array(repeating: 0, count: 4096 - 16 - 12)), .client("192.0.2.1")),
    ]

    @Test("every family gives its source, whatever follows the header", arguments: valid)
    func accepted(header: [UInt8], source: Source) {
        for rest in ["", "G", "GET / HTTP/1.1\r\n\r\n", "PROXY UNKNOWN\r\n", "\r\n\r\n"] {
            let expected = ProxyHeader(source: source, byteCount: header.count)
            #expect(ProxyHeader.read(header + Array(rest.utf8)) == .header(expected))
        }
    }

    @Test("each beginning of a header is incomplete", arguments: valid)
    func incomplete(header: [UInt8], source: Source) {
        for count in 0..<header.count {
            #expect(ProxyHeader.read(Array(header[..<count])) == .incomplete, "\(count) bytes")
        }
    }

    @Test(
        "a request is recognized at its first byte that differs",
        arguments: [
            ("GET / HTTP/1.1\r\n", 1), ("POST / HTTP/1.1\r\n", 2), ("PROXYS / HTTP/1.1\r\n", 6), ("PROPFIND / H", 4),
            ("\r\nGET / HTTP/1.1\r\n", 3), ("\r\n\r\nGET / HTTP/1.1\r\n", 5), ("\nGET", 1), ("\r\n\r\n\0\r\nQUIT ", 12),
            ("proxy TCP4", 1), ("\0", 1),
        ])
    func absent(text: String, decisive: Int) {
        let bytes = Array(text.utf8)
        for count in 0...bytes.count {
            #expect(ProxyHeader.read(Array(bytes[..<count])) == (count < decisive ? .incomplete : .absent))
        }
    }

    @Test(
        "an invalid line of version 1 is malformed",
        arguments: [
            "PROXY \r\n", "PROXY TCP4\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n",
            "PROXY TCP4  1.2.3.4 1.2.3.4 1 2\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 1 2 \r\n",
            "PROXY TCP4 1.2.3.256 1.2.3.4 1 2\r\n", "PROXY TCP4 1.2.3.04 1.2.3.4 1 2\r\n",
            "PROXY TCP4 ::1 1.2.3.4 1 2\r\n", "PROXY TCP4 1.2.3.4 ::1 1 2\r\n", "PROXY TCP6 1.2.3.4 ::1 1 2\r\n",
            "PROXY TCP6 ::1%1 ::1 1 2\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 65536 2\r\n",
            "PROXY TCP4 1.2.3.4 1.2.3.4 1 99999\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 01 2\r\n",
            "PROXY TCP4 1.2.3.4 1.2.3.4 -1 2\r\n", "PROXY TCP4 1.2.3.4\0 1.2.3.4 1 2\r\n",
            "PROXY UDP4 1.2.3.4 1.2.3.4 1 2\r\n",
            "PROXY tcp4 1.2.3.4 1.2.3.4 1 2\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 1 2\r\r\n", "PROXY UNKNOWN\n", "PROXY \n",
            "PROXY / HTTP/1.1\r\n", "PROXY UNKNOWNS\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n",
        ])
    func malformedLine(line: String) {
        let result = ProxyHeader.read(Array(line.utf8))
        guard case .malformed = result else {
            Issue.record("\(result)")
            return
        }
    }

    @Test("a line may have 107 bytes")
    func longLine() {
        let longest = Array(("PROXY UNKNOWN " + String(repeating: "x", count: 91) + "\r\n").utf8)
        #expect(longest.count == 107)
        #expect(ProxyHeader.read(longest) == .header(ProxyHeader(source: .unknown, byteCount: 107)))
        let longer = Array(("PROXY UNKNOWN " + String(repeating: "x", count: 92) + "\r\n").utf8)
        #expect(ProxyHeader.read(longer) == .malformed(.invalidLine(limit: 107)))
        #expect(ProxyHeader.read(Array(longer[..<107])) == .malformed(.invalidLine(limit: 107)))
        #expect(ProxyHeader.read(Array(longer[..<106])) == .incomplete)
    }

    @Test(
        "an invalid header of version 2 is malformed as soon as its wrong bytes have arrived",
        arguments: [
            (version2(command: 0x22, family: 0x11, ipv4), .invalidCommand, 13),
            (version2(command: 0x11, family: 0x11, ipv4), .invalidCommand, 13),
            (version2(command: 0x31, family: 0x11, ipv4), .invalidCommand, 13),
            (version2(family: 0x10, ipv4), .unknownFamily, 16), (version2(family: 0x13, ipv4), .unknownFamily, 16),
            (version2(family: 0x01, ipv4), .unknownFamily, 16), (version2(family: 0x41, ipv4), .unknownFamily, 16),
            (version2(family: 0x11, Array(ipv4.dropLast())), .incompleteAddresses, 16),
            (version2(family: 0x21, ipv4), .incompleteAddresses, 16),
            (version2(family: 0x31, Array(unix.dropLast())), .incompleteAddresses, 16),
            (version2(family: 0x11, [], size: 4081), .tooLarge(limit: 4096), 16),
            (version2(command: 0x20, family: 0, [], size: 65535), .tooLarge(limit: 4096), 16),
        ] as [([UInt8], ProxyHeaderError, Int)])
    func malformedHeader(header: [UInt8], error: ProxyHeaderError, decisive: Int) {
        for count in 0...header.count {
            let expected: ProxyHeader.Progress = count < decisive ? .incomplete : .malformed(error)
            #expect(ProxyHeader.read(Array(header[..<count])) == expected, "\(count) bytes")
        }
        #expect("\(error)".contains("PROXY header"))
    }

    @Test(
        "a field says whether the client uses TLS",
        arguments: [
            ([], false), ([0x20, 0, 5, 1, 0, 0, 0, 0], true), ([0x20, 0, 5, 0, 0, 0, 0, 0], false),
            ([0x20, 0, 5, 6, 0, 0, 0, 0], false), ([0x20, 0, 1, 7], true), ([0x20, 0, 0], false),
            (field + [0x20, 0, 15, 1, 0, 0, 0, 0, 0x21, 0, 7] + Array("TLSv1.3".utf8) + field, true),
            ([0x04, 0, 8, 0x20, 0, 5, 1, 0, 0, 0, 0], false), ([0x20, 0, 5, 1], nil), ([0x20, 0], nil), ([0x20], nil),
            ([0x20, 0, 1, 1, 0x04], nil), ([0x04, 0xFF, 0xFF], nil),
        ] as [([UInt8], Bool?)])
    func secure(fields: [UInt8], isSecure: Bool?) {
        for (family, addresses) in [(0x11, Self.ipv4), (0x21, Self.ipv6), (0x31, Self.unix), (0, [])]
            as [(UInt8, [UInt8])]
        {
            switch ProxyHeader.read(Self.version2(family: family, addresses + fields)) {
            case .header(let header): #expect(header.isSecure == isSecure)
            case .malformed(let error): #expect(error == .incompleteField && isSecure == nil)
            case let other: Issue.record("\(other)")
            }
        }
    }

    @Test("a mutated header has one result in any split and never traps", arguments: 1...300 as ClosedRange<UInt64>)
    func mutated(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var bytes =
            Self.valid[Int.random(in: 0..<Self.valid.count, using: &random)].0 + Array("GET / HTTP/1.1\r\n".utf8)
        for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
            let index = Int.random(in: 0..<min(bytes.count, 60), using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.insert(Array("\r\n :.0 \0".utf8)[Int.random(in: 0..<8, using: &random)], at: index)
            case 2: bytes.remove(at: index)
            default: bytes.removeLast(bytes.count - index)
            }
        }
        var decided: ProxyHeader.Progress?
        for count in 0...bytes.count {
            let result = ProxyHeader.read(Array(bytes[..<count]))
            if case .header(let header) = result { #expect(header.byteCount <= min(count, 4096)) }
            // A result does not change when more bytes arrive.
            if let decided { #expect(result == decided) } else if result != .incomplete { decided = result }
        }
        if decided == nil { #expect(bytes.count < 4096) }
    }

    @Test("random bytes never trap", arguments: 1...100 as ClosedRange<UInt64>)
    func noise(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let noise = (0..<Int.random(in: 0...300, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
        for beginning in ["", "PROXY ", "PROXY TCP4 ", "\r\n\r\n\0\r\nQUIT\n", "\r\n\r\n\0\r\nQUIT\n!\u{11}\0"] {
            if case .header(let header) = ProxyHeader.read(Array(beginning.utf8) + noise) {
                #expect(header.byteCount <= beginning.utf8.count + noise.count)
            }
        }
    }
}
