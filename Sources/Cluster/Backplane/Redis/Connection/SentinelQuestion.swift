import Transport

/// Asks one Sentinel which server is the master (Redis, "Sentinel client spec").
final class SentinelQuestion {
    /// How long a Sentinel may take to answer.
    private static let timeout = Duration.seconds(5)

    private let name: String
    private let continuation: CheckedContinuation<RedisURL.Server, any Error>
    private var connection: RedisConnection?
    private var hasEnded = false

    private init(_ name: String, _ continuation: CheckedContinuation<RedisURL.Server, any Error>) {
        self.name = name
        self.continuation = continuation
    }

    /// Asks a Sentinel.
    /// - Parameters:
    ///   - address: the address of the Sentinel.
    ///   - name: the name under which it knows the master.
    ///   - identity: how to start a session at the Sentinel.
    ///   - loop: the caller's loop.
    /// - Throws: ``SentinelError``.
    static func master(
        from address: SocketAddress, named name: String, _ identity: RedisStateMachine.Identity, on loop: EventLoop,
        isolation: isolated (any Actor)? = #isolation
    ) async throws -> RedisURL.Server {
        try await withCheckedThrowingContinuation { continuation in
            guard !loop.hasEnded else { return continuation.resume(throwing: SentinelError.stopped) }
            let question = SentinelQuestion(name, continuation)
            do {
                // The connection keeps the question until it has ended.
                question.connection = try RedisConnection(to: address, identity, on: loop) { question.handle($0) }
                _ = loop.startTimer(at: loop.now + timeout, question)
            } catch {
                question.end(.failure(SentinelError.failed("\(error)")))
            }
        }
    }

    private func handle(_ event: RedisConnection.Event) {
        switch event {
        case .ended(_, .authentication): end(.failure(SentinelError.authentication))
        case .ended(let reason, _): end(.failure(SentinelError.failed(reason)))
        case .session(.ready):
            connection?.send(
                RedisCommand("SENTINEL", "get-master-addr-by-name", values: [Array(name.utf8)]))
        case .session(.answered(_, .success(let answer))): end(Self.master(in: answer, name))
        case .session(.answered(_, .failure(let error))): end(.failure(SentinelError.failed("\(error)")))
        case .session: break
        }
    }

    /// Reads the answer: the host and the port of the master.
    static func master(in answer: RESPValue, _ name: String) -> Result<RedisURL.Server, any Error> {
        guard answer != .null else {
            return .failure(SentinelError.failed("the Sentinel does not know a master with the name \(name)"))
        }
        guard case .array(let parts) = answer, parts.count == 2, let host = parts[0].text, !host.isEmpty,
            let port = parts[1].text.flatMap({ RedisURLQuery.number(Array($0.utf8), in: 1...65535) })
        else { return .failure(SentinelError.failed("the Sentinel's answer is no address")) }
        return .success(.tcp(host: host, port: UInt16(port)))
    }

    private func end(_ result: Result<RedisURL.Server, any Error>) {
        guard !hasEnded else { return }
        hasEnded = true
        connection?.close()
        connection = nil
        continuation.resume(with: result)
    }
}

extension SentinelQuestion: TimerTarget {
    func timerFired(at now: ContinuousClock.Instant) {
        end(.failure(SentinelError.failed("the Sentinel did not answer in time")))
    }

    func loopEnded() {
        end(.failure(SentinelError.stopped))
    }
}

/// Why a Sentinel has not named a master.
enum SentinelError: Error, Equatable {
    /// It needs a password, or another one.
    case authentication
    case failed(String)
    /// The loop has ended.
    case stopped
}

extension SentinelError: CustomStringConvertible {
    var description: String {
        switch self {
        case .authentication: "the Sentinel does not accept the user"
        case .failed(let reason): reason
        case .stopped: "the program is ending"
        }
    }
}
