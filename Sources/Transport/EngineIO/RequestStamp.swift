/// The `t` of a polling request, by which its repeat is known.
///
/// Clients give each request another one. A browser or proxy that repeats a request because the network lost the answer
/// repeats its address, and with it this. A request without one is never taken for a repeat.
struct RequestStamp: Equatable, Sendable {
    /// A longer one counts as none: it is kept for as long as its session.
    static let maxLength = 64

    private let bytes: [UInt8]

    /// - Parameter bytes: the value as it stands in the address, still encoded.
    init?(_ bytes: ArraySlice<UInt8>) {
        guard (1...Self.maxLength).contains(bytes.count) else { return nil }
        self.bytes = Array(bytes)
    }

    init?(_ head: HTTPRequestHead) {
        guard let value = head.encodedQueryValue(of: "t") else { return nil }
        self.init(value)
    }
}
