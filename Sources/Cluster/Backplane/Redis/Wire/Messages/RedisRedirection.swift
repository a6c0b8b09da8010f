/// The server of a cluster that has a slot (Redis cluster specification, "Redirection and resharding").
package struct RedisRedirection: Equatable, Sendable {
    /// A number from 0 to 16383.
    package let slot: Int
    /// A name or an address; nil for the host of the server that sent the redirection.
    package let host: String?
    package let port: UInt16

    package init(slot: Int, host: String?, port: UInt16) {
        self.slot = slot
        self.host = host
        self.port = port
    }

    /// Parses `SLOT HOST:PORT`. An IPv6 address has no brackets. A server that does not know its host leaves it empty
    /// or sends a question mark.
    init?(_ text: String) {
        let words = text.split(separator: " ")
        guard words.count == 2, let slot = Int(words[0]), 0..<RedisSlot.count ~= slot,
            let colon = words[1].lastIndex(of: ":"),
            let port = UInt16(words[1][words[1].index(after: colon)...]), port > 0
        else { return nil }
        let host = String(words[1][..<colon])
        self.init(slot: slot, host: host.isEmpty || host == "?" ? nil : host, port: port)
    }
}
