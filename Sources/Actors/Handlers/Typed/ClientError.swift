/// An error whose message the client may see. Other errors may contain secrets, so the client learns only that the
/// server has failed.
public protocol ClientError: Error {
    /// The message for the client.
    var clientMessage: String { get }
}

extension ConnectError: ClientError {
    public var clientMessage: String { message }
}

extension Event {
    /// Sends the error as the acknowledgement, if the client expects one: `{"error": MESSAGE}`.
    func refuse(_ error: any Error) {
        let message = (error as? any ClientError)?.clientMessage ?? ConnectError.internalError.message
        acknowledgement?([.json(["error": JSONText(string: message)])])
    }
}
