/// A refusal of a request before it reaches a session.
struct EngineRejection: Error {
    let error: EngineError
    let context: RefusedEngineRequest.Context
    /// The message for the client; nil for the message of ``error``.
    var message: String?
    /// The answer in place of Engine.IO's error.
    var response: HTTPResponse?
    /// False if another counter has the refusal: each counts once.
    var isCounted = true

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
            isCounted = refusal.isCounted
        default:
            self.init(.badRequest, .hookFailed(LimitedReports.printable("\(error)")))
        }
    }

    /// The server is about to end.
    static var closing: EngineRejection { unavailable(.closing, "the server is about to end") }

    /// The hooks took too long.
    static var hookTimeout: EngineRejection { unavailable(.hookTimeout, "the server could not check the request") }

    /// The client's address has reached a limit.
    static func overLimit(_ limit: ReachedLimit, retryAfter: Duration) -> EngineRejection {
        var rejection = EngineRejection(.forbidden, .limit(limit))
        rejection.isCounted = false
        var response = HTTPResponse.text(.tooManyRequests, "this address has too many sessions")
        let seconds = max(1, Int((retryAfter / .seconds(1)).rounded(.up)))
        response.headers.append(("Retry-After", "\(seconds)"))
        rejection.response = response
        return rejection
    }

    /// A rejection with 503, after which clients try again.
    private static func unavailable(
        _ context: RefusedEngineRequest.Context, _ message: String
    ) -> EngineRejection {
        var rejection = EngineRejection(.badRequest, context)
        rejection.response = .text(.serviceUnavailable, message)
        return rejection
    }
}
