/// The values of the headers with which a trusted proxy describes its client. ``TrustedProxies`` has the rules.
struct ForwardedHeaders {
    /// The longest chain of proxies that is followed.
    static let maxHops = 32

    /// The address of the client; nil if the proxy does not say.
    let client: IPAddress?
    /// True if the client uses TLS; nil if the proxy does not say.
    let isSecure: Bool?
    /// The host and port that the client asked for, as a part of the head; nil if the proxy does not say.
    let authority: ArraySlice<UInt8>?

    init(_ headers: HTTPHeaders, proxies: TrustedProxies) {
        client = Self.client(in: headers, proxies: proxies)
        isSecure = Self.lastElement(of: "X-Forwarded-Proto", in: headers).flatMap(Self.isSecure)
        authority = Self.lastElement(of: "X-Forwarded-Host", in: headers).flatMap(Self.authority)
    }

    private static func client(in headers: HTTPHeaders, proxies: TrustedProxies) -> IPAddress? {
        var client: IPAddress?
        var hops = 0
        for value in headers.rawValues(of: "X-Forwarded-For").reversed() {
            var rest: ArraySlice<UInt8>? = value
            while let elements = rest {
                let comma = elements.lastIndex(of: UInt8(ascii: ","))
                let element = comma.map { elements[($0 + 1)...] } ?? elements
                guard hops < maxHops, let address = address(HTTPGrammar.trimmed(element)) else { return client }
                guard proxies.contains(address) else { return address }
                client = address
                hops += 1
                rest = comma.map { elements[..<$0] }
            }
        }
        return client
    }

    /// Parses `1.2.3.4`, `1.2.3.4:567`, `::1`, `[::1]` or `[::1]:567`.
    private static func address(_ element: ArraySlice<UInt8>) -> IPAddress? {
        let colon = UInt8(ascii: ":")
        if element.first == UInt8(ascii: "[") {
            guard let end = element.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            let inside = element[..<end].dropFirst()
            let rest = element[end...].dropFirst()
            guard inside.contains(colon), rest.isEmpty || rest.first == colon && isPort(rest.dropFirst()) else {
                return nil
            }
            return IPAddress(inside)
        }
        guard let first = element.firstIndex(of: colon), first == element.lastIndex(of: colon) else {
            return IPAddress(element)
        }
        return isPort(element[first...].dropFirst()) ? IPAddress(element[..<first]) : nil
    }

    private static func isPort(_ digits: ArraySlice<UInt8>) -> Bool {
        1...5 ~= digits.count && digits.allSatisfy(HTTPGrammar.isDigit)
    }

    private static func lastElement(of name: String, in headers: HTTPHeaders) -> ArraySlice<UInt8>? {
        headers.rawValues(of: name).last.map { value in
            let comma = value.lastIndex(of: UInt8(ascii: ","))
            return HTTPGrammar.trimmed(comma.map { value[($0 + 1)...] } ?? value)
        }
    }

    private static func isSecure(_ scheme: ArraySlice<UInt8>) -> Bool? {
        if ["https", "wss"].contains(where: { HTTPGrammar.equalsIgnoringCase(scheme, $0) }) { return true }
        return ["http", "ws"].contains { HTTPGrammar.equalsIgnoringCase(scheme, $0) } ? false : nil
    }

    private static func authority(_ element: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        !element.isEmpty && element.allSatisfy(HTTPGrammar.isHostCharacter) ? element : nil
    }
}
