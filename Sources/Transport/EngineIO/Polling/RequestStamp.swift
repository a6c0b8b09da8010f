/// The `t` of a polling request, by which its repeat is known.
///
/// Most clients give each request another one. A browser or proxy that repeats a request because the network lost the answer
/// repeats its address, and with it this. A request without one is never taken for a repeat.
struct RequestStamp: Equatable, Sendable {
    /// A longer one counts as none: it is kept for as long as its session.
    static let maxLength = 64

    private let bytes: [UInt8]

    /// Nil also for the time in seconds since 1970: socket.io-client-csharp sends it with all requests of a second.
    /// - Parameters:
    ///   - bytes: the value as it stands in the address, still encoded.
    ///   - now: the time since 1970. A client's clock may be wrong by a day.
    init?(_ bytes: ArraySlice<UInt8>, now: Duration) {
        guard (1...Self.maxLength).contains(bytes.count) else { return nil }
        if bytes.count == Self.secondsLength, bytes.allSatisfy(HTTPGrammar.isDigit) {
            let seconds = bytes.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
            guard abs(seconds - Int(now.components.seconds)) > Self.day else { return nil }
        }
        self.bytes = Array(bytes)
    }

    /// The digits of the time in seconds, until the year 2286.
    private static let secondsLength = 10
    private static let day = 86_400

    init?(_ head: HTTPRequestHead, now: Duration) {
        guard let value = head.encodedQueryValue(of: "t") else { return nil }
        self.init(value, now: now)
    }
}
