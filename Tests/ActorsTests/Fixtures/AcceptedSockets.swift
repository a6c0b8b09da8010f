@testable import Actors

/// The sockets that a test's server has accepted, in order, for tests of types that contain sockets.
///
/// Safety of `@unchecked Sendable`: a test runs on one thread.
final class AcceptedSockets: @unchecked Sendable {
    private var all: [Socket] = []

    func add(_ socket: Socket) {
        all.append(socket)
    }

    /// Calls `work` on the server's loop, which isolates its sockets.
    func run(on server: TestServer, _ work: @escaping @Sendable ([Socket]) throws -> Void) async throws {
        let loop = server.loop
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            loop.execute { [all] in continuation.resume(with: Result { try work(all) }) }
        }
    }
}
