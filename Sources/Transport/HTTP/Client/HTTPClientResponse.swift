/// The response of a service.
package struct HTTPClientResponse: Sendable, Equatable {
    /// From 200 to 999.
    package let status: Int
    /// The decoded body.
    package let body: [UInt8]

    package init(status: Int, body: [UInt8]) {
        self.status = status
        self.body = body
    }
}
