/// The error that middleware throws to reject a client. The client receives the message and the data as
/// `connect_error`.
public struct ConnectError: Error, Sendable {
    public let message: String
    /// Additional details for the client, or nil.
    public let data: JSONText?

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
