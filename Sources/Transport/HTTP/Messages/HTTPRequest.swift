/// A complete request.
public struct HTTPRequest: Sendable {
    /// The request line and the header fields.
    public let head: HTTPRequestHead
    /// The body after decoding; empty when the request has none.
    public let body: [UInt8]
}
