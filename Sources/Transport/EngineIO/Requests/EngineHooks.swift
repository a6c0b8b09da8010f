/// The application's checks of requests, and its header fields for answers.
struct EngineHooks: Sendable {
    /// A check that may take time.
    enum Check: Sendable {
        case synchronous(@Sendable (inout EngineRequest) throws -> Void)
        case asynchronous(@Sendable (inout EngineRequest) async throws -> Void)
    }

    /// A function that adds header fields to an answer.
    typealias Headers = @Sendable (inout HTTPFields, EngineRequest) throws -> Void

    var middleware: [Check] = []
    var allowRequest: [Check] = []
    var initialHeaders: [Headers] = []
    var headers: [Headers] = []
    var generateID: (@Sendable (EngineRequest) throws -> SessionID)?

    /// Runs checks until one throws.
    /// - Returns: the request with the header fields that the checks added, and the error of the last one.
    static func run(_ checks: ArraySlice<Check>, for request: EngineRequest) async -> (EngineRequest, (any Error)?) {
        var request = request
        do {
            for check in checks {
                switch check {
                case .synchronous(let check): try check(&request)
                case .asynchronous(let check): try await check(&request)
                }
            }
        } catch {
            return (request, error)
        }
        return (request, nil)
    }
}
