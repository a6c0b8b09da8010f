/// The values of the headers with which a trusted proxy describes its client. ``TrustedProxies`` has the rules.
struct ForwardedHeaders {
    /// The most elements of a list that are read.
    static let maxElements = 32
    /// The element that nginx writes for a peer over a Unix domain socket.
    private static let unixPeer = Array("unix:".utf8)

    /// The numeric address of the client, empty for a peer over a Unix domain socket, ``HTTPPeer/unknown`` if the proxy
    /// names it in no known form; nil if the proxy does not say.
    let client: String?
    /// True if the client uses TLS; nil if the proxy does not say.
    let isSecure: Bool?
    /// The host and port that the client asked for, as a part of the head; nil if the proxy does not say.
    let authority: ArraySlice<UInt8>?

    init(_ headers: HTTPHeaders, proxies: TrustedProxies) {
        client = Self.client(in: headers, proxies: proxies)
        isSecure = Self.lastElement(of: "X-Forwarded-Proto", in: headers).flatMap(Self.isSecure)
        authority = Self.lastElement(of: "X-Forwarded-Host", in: headers).flatMap(Self.authority)
    }

    private static func client(in headers: HTTPHeaders, proxies: TrustedProxies) -> String? {
        var client: String?
        let reachesEnd = read("X-Forwarded-For", in: headers) { element in
            if element.elementsEqual(unixPeer), proxies.contains(peer: "") {
                client = ""
                return true
            }
            guard let address = address(element) else {
                // Before this one are only trusted proxies, and the client is none of them.
                client = HTTPPeer.unknown
                return false
            }
            client = address.description
            return proxies.contains(address)
        }
        return reachesEnd == nil ? HTTPPeer.unknown : client
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
        var last: ArraySlice<UInt8>?
        read(name, in: headers) { element in
            last = element
            return false
        }
        return last
    }

    /// Calls `body` with the elements of a list from the last to the first, until it returns false. Empty elements are
    /// skipped (RFC 9110, section 5.6.1.2), but count towards the limit.
    /// - Returns: true if all elements were read, false if `body` has returned false; nil if the limit is reached.
    @discardableResult
    private static func read(_ name: String, in headers: HTTPHeaders, _ body: (ArraySlice<UInt8>) -> Bool) -> Bool? {
        var count = 0
        for value in headers.rawValues(of: name).reversed() {
            var rest: ArraySlice<UInt8>? = value
            while let elements = rest {
                guard count < maxElements else { return nil }
                count += 1
                let comma = elements.lastIndex(of: UInt8(ascii: ","))
                let element = HTTPGrammar.trimmed(comma.map { elements[($0 + 1)...] } ?? elements)
                guard element.isEmpty || body(element) else { return false }
                rest = comma.map { elements[..<$0] }
            }
        }
        return true
    }

    private static func isSecure(_ scheme: ArraySlice<UInt8>) -> Bool? {
        if ["https", "wss"].contains(where: { HTTPGrammar.equalsIgnoringCase(scheme, $0) }) { return true }
        return ["http", "ws"].contains { HTTPGrammar.equalsIgnoringCase(scheme, $0) } ? false : nil
    }

    private static func authority(_ element: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        !element.isEmpty && element.allSatisfy(HTTPGrammar.isHostCharacter) ? element : nil
    }
}
