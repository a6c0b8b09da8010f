import Actors
import Transport

extension SocketServer {
    /// Serves until the task is cancelled; then closes every connection and returns.
    ///
    /// The server runs on a thread of its own. Its handlers run on that thread too, so they must not block.
    /// - Parameters:
    ///   - host: The name or address to listen on. `localhost` means 127.0.0.1 and ::1; `::` means every interface.
    ///   - port: The port to listen on; 0 picks a free one.
    ///   - onServing: Called once, on the server's thread, when clients can connect to this address.
    /// - Throws: ``ListeningSocket/BindError`` if the port is in use or this machine does not have the host's address;
    ///   ``SystemError`` if the process has no descriptor or thread left; ``AlreadyStarted`` if the server was started
    ///   before.
    public func run(
        host: String = "localhost", port: UInt16 = 3000,
        onServing: @escaping @Sendable (SocketAddress) -> Void = { _ in }
    ) async throws {
        var recovery = options.recovery
        recovery?.detectionTime = options.engine.pingInterval + options.engine.pingTimeout
        let loop = try EventLoop.start(name: "socket.io")
        let (outcomes, ending) = AsyncStream.makeStream(of: ProcessOutcome.self)
        let process = ServeProcess(
            self, on: loop, ServeProcess.Options(host: host, port: port, recovery: recovery), openStore: nil,
            report: { if case .serving(let address) = $0 { onServing(address) } },
            onEnd: { outcome in
                ending.yield(outcome)
                ending.finish()
            })
        loop.startTask { await process.start() }
        let outcome = await withTaskCancellationHandler {
            // A task of its own, because cancellation must not end the wait before everything is closed.
            await Task { await outcomes.first { _ in true } }.value
        } onCancel: {
            loop.startTask { await process.stop() }
        }
        await loop.end()
        switch outcome {
        case .startFailed(let error): throw error
        case .storeLost(let error): throw error
        case .stopped, nil: break
        }
    }
}

extension EventLoop {
    /// Stops the loop and waits until everything on it is closed.
    fileprivate func end() async {
        await withCheckedContinuation { continuation in
            execute {
                self.atEnd { continuation.resume() }
                self.stop()
            }
        }
    }
}
