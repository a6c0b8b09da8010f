/// The error that middleware throws to reject a client. The client receives the message and the data as
/// `connect_error`.
public struct ConnectError: Error, Sendable {
    /// The text that the client receives as the message of its `connect_error`.
    public let message: String
    /// Additional details for the client, or nil.
    public let data: JSONText?

    /// Creates the error.
    /// - Parameters:
    ///   - message: The text for the client.
    ///   - data: Additional details for the client; nil for none.
    public init(_ message: String, data: JSONText? = nil) {
        self.message = message
        self.data = data
    }

    /// The rejection after middleware threw an error of another type. It reveals nothing of that error.
    static var internalError: ConnectError { ConnectError("internal server error") }

    /// The rejection of a CONNECT to a namespace that does not exist.
    static var invalidNamespace: ConnectError { ConnectError("Invalid namespace") }
}

extension ConnectError: CustomStringConvertible {
    /// The message.
    public var description: String { message }
}
