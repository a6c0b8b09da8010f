import Transport

/// Thrown by a route to answer with an error. It is not reported.
public struct HTTPRefusal: Error, Sendable {
    /// The answer.
    public var response: HTTPResponse

    /// Makes a refusal with any answer.
    public init(response: HTTPResponse) {
        self.response = response
    }

    /// Makes a refusal whose answer is a text.
    public init(_ status: HTTPStatus, _ text: String) {
        self.init(response: .text(status, text))
    }
}
