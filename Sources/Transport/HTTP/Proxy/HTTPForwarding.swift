/// What a trusted proxy says about a request, in few bytes: it is a part of every head.
struct HTTPForwarding: Sendable {
    private let authorityStart: UInt16
    private let authorityEnd: UInt16
    /// True if the client uses TLS; nil if no proxy says.
    let isSecure: Bool?

    /// - Parameters:
    ///   - isSecure: true if the client uses TLS; nil if no proxy says.
    ///   - authority: the host and port that the client asked for, a part of the head's bytes; nil if no proxy says.
    init(isSecure: Bool? = nil, authority: ArraySlice<UInt8>? = nil) {
        self.isSecure = isSecure
        authorityStart = UInt16(authority?.startIndex ?? 0)
        authorityEnd = UInt16(authority?.endIndex ?? 0)
    }

    /// The position of the authority in the head; nil if there is none.
    var authority: Range<Int>? {
        authorityStart < authorityEnd ? Int(authorityStart)..<Int(authorityEnd) : nil
    }
}
