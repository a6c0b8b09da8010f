/// The `t` parameter of a polling request, used to recognize a repeat.
///
/// Most clients use a different value for each request. A browser or proxy that repeats a request after a lost answer
/// repeats its URL, including `t`. A request without `t` is never treated as a repeat.
struct RequestStamp: Equatable, Sendable {
    /// The largest length in bytes. A longer value is ignored, because the stamp is kept as long as the session.
    static let maxLength = 64

    /// The most repeats of a request. A browser or a proxy that has lost an answer repeats the request a few times. In
    /// a network that loses most answers, there may be more than 16, with late copies.
    static let maxRepeats = 64

    private let bytes: [UInt8]

    /// Makes a stamp from the value of `t`.
    ///
    /// The result is nil for an empty or overlong value, and for the current time in seconds since 1970, which
    /// socket.io-client-csharp sends with all requests of the same second.
    /// - Parameters:
    ///   - bytes: the value as it appears in the URL, still encoded.
    ///   - now: the time since 1970. A value within a day of it counts as the current time.
    init?(_ bytes: ArraySlice<UInt8>, now: Duration) {
        guard (1...Self.maxLength).contains(bytes.count) else { return nil }
        if bytes.count == Self.secondsLength, bytes.allSatisfy(HTTPGrammar.isDigit) {
            let seconds = bytes.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
            guard abs(seconds - Int(now.components.seconds)) > Self.day else { return nil }
        }
        self.bytes = Array(bytes)
    }

    /// The number of digits of the time in seconds, until the year 2286.
    private static let secondsLength = 10
    /// A day in seconds.
    private static let day = 86_400

    init?(_ head: HTTPRequestHead, now: Duration) {
        guard let value = head.encodedQueryValue(of: "t") else { return nil }
        self.init(value, now: now)
    }
}
