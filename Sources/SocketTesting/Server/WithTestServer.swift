import Cluster

/// Runs a test with a server. The server, its clients and everything else of the test are closed at the end.
///
/// - Parameters:
///   - server: The server, set up as for `run` and not started, with the default parser. A test server can be used
///     once.
///   - test: The test, which gets the running server.
/// - Returns: The result of the test.
/// - Throws: The error of the test; `AlreadyStarted` if the server was started before;
///   ``TestError/unsupportedParser(_:)`` if it has another parser.
@discardableResult
public func withTestServer<Result>(
    _ server: SocketServer, isolation: isolated (any Actor)? = #isolation,
    _ test: (TestServer) async throws -> Result
) async throws -> Result {
    try await run([server], isolation: isolation, test)
}

/// Runs a test with several workers of one server, which share their events as the processes of `run(workers:)` do.
/// Here they share one thread. Clients say at which worker they connect.
///
/// - Parameters:
///   - workers: The number of workers.
///   - makeServer: Creates and sets up the server of one worker, with the default parser.
///   - test: The test, which gets the running server.
/// - Returns: The result of the test.
/// - Throws: The error of the test or of `makeServer`; `AlreadyStarted` if a server was started before;
///   ``TestError/unsupportedParser(_:)`` if one has another parser.
@discardableResult
public func withTestServer<Result>(
    workers: Int, isolation: isolated (any Actor)? = #isolation, _ makeServer: () throws -> SocketServer,
    test: (TestServer) async throws -> Result
) async throws -> Result {
    var servers: [SocketServer] = []
    for _ in 0..<max(1, workers) { servers.append(try makeServer()) }
    return try await run(servers, isolation: isolation, test)
}

private func run<Result>(
    _ servers: [SocketServer], isolation: isolated (any Actor)?, _ test: (TestServer) async throws -> Result
) async throws -> Result {
    let server = try await TestServer.start(servers)
    do {
        let result = try await test(server)
        await server.close()
        return result
    } catch {
        await server.close()
        throw error
    }
}
