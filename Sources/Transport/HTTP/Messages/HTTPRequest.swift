/// A complete request.
public struct HTTPRequest: Sendable {
    /// The request line and the header fields.
    public let head: HTTPRequestHead
    /// The decoded body; empty if the request has none.
    public let body: [UInt8]
}
