/// Version 1, a line of text: `PROXY TCP4 192.0.2.1 192.0.2.2 56324 443` and CRLF.
extension ProxyHeader {
    /// The longest line in bytes, with CRLF.
    private static let maxLine = 107

    static func version1(_ bytes: [UInt8]) -> Progress {
        let line = bytes.prefix(maxLine)
        guard let end = line.firstIndex(of: HTTPGrammar.lineFeed) else {
            return bytes.count < maxLine ? .incomplete : .malformed(.invalidLine(limit: maxLine))
        }
        guard line[end - 1] == HTTPGrammar.carriageReturn else { return .malformed(.invalidLine(limit: maxLine)) }
        let words = line[..<(end - 1)].split(separator: HTTPGrammar.space, omittingEmptySubsequences: false)
        // Whatever follows UNKNOWN is ignored.
        if words[1].elementsEqual("UNKNOWN".utf8) { return .header(ProxyHeader(source: .unknown, byteCount: end + 1)) }
        guard words.count == 6, let source = address(words[2], in: words[1]), address(words[3], in: words[1]) != nil,
            isPort(words[4]), isPort(words[5])
        else { return .malformed(.invalidAddresses) }
        return .header(ProxyHeader(source: .client("\(source)"), byteCount: end + 1))
    }

    private static func address(_ text: ArraySlice<UInt8>, in family: ArraySlice<UInt8>) -> IPAddress? {
        let isIPv6 = text.contains(UInt8(ascii: ":"))
        return family.elementsEqual(isIPv6 ? "TCP6".utf8 : "TCP4".utf8) ? IPAddress(text) : nil
    }

    /// True for a number up to 65535 without leading zeros.
    private static func isPort(_ digits: ArraySlice<UInt8>) -> Bool {
        guard 1...5 ~= digits.count, digits.allSatisfy(HTTPGrammar.isDigit) else { return false }
        let number = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        return number <= 65535 && (digits.count == 1 || digits.first != UInt8(ascii: "0"))
    }
}
