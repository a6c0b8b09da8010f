/// A refusal of a request before it reaches a session.
struct EngineRejection: Error {
    let error: EngineError
    let context: RefusedEngineRequest.Context
    /// The message for the client; nil for the message of ``error``.
    var message: String?
    /// The answer in place of Engine.IO's error.
    var response: HTTPResponse?

    init(_ error: EngineError, _ context: RefusedEngineRequest.Context) {
        self.error = error
        self.context = context
    }

    /// The rejection for an error that a hook threw.
    init(thrown error: any Error) {
        switch error {
        case let rejection as EngineRejection:
            self = rejection
        case let refusal as EngineRefusal:
            self.init(.forbidden, .hook)
            message = refusal.description
            response = refusal.response
        default:
            self.init(.badRequest, .hookFailed(LimitedReports.printable("\(error)")))
        }
    }

    /// A rejection with 503, after which clients try again.
    static func unavailable(_ context: RefusedEngineRequest.Context) -> EngineRejection {
        var rejection = EngineRejection(.badRequest, context)
        rejection.response = .text(.serviceUnavailable, "the server could not check the request")
        return rejection
    }
}
