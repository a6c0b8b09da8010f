import Actors
import Glibc
import Persistence
import Transport

extension SocketServer {
    /// Serves as a worker of a hub elsewhere, until the task is cancelled; then closes every connection and returns.
    ///
    /// The hub is connected with ``Hub/connect(over:ended:)`` by the program at the other end of the stream. It orders
    /// the events of all its workers, and its recovery options count. Handlers run on the server's thread, so they must
    /// not block. In a worker of ``run(host:port:unixSockets:workers:ports:backplane:onServing:)`` this call only
    /// waits: such a server runs in the program's first process.
    /// - Parameters:
    ///   - host: The name or address to listen on. `localhost` means 127.0.0.1 and ::1; `::` means every interface.
    ///   - port: The port to listen on; 0 for a free port.
    ///   - transport: This side of the stream to the hub.
    ///   - history: The messages that the hub stores, for sockets that catch up; nil if the server stores none.
    ///   - onServing: Called on the server's thread when clients can connect to this address. By default the address is
    ///     written to standard error.
    /// - Throws: ``LinkEnd`` if the link ends, which closes the server: its clients connect again elsewhere, or to a
    ///   new server with a new link. ``RunError/messagesTooLarge(limit:)`` if a message could exceed a frame of the
    ///   link; ``RunError/databaseOverLink`` if the server has a database of its own; ``ListeningSocket/BindError`` if
    ///   the port is in use or this machine does not have the host's address; ``SystemError`` if the process has no
    ///   descriptor or thread left; ``AlreadyStarted`` if the server was started before.
    public func run(
        host: String = "localhost", port: Int = 3000, over transport: any LinkTransport,
        history: (any History)? = nil, onServing: (@Sendable (SocketAddress) -> Void)? = nil
    ) async throws {
        if SocketServer.isWorker { return await waitForCancellation() }
        guard database == nil else { throw RunError.databaseOverLink }
        guard max(options.engine.maxPayload, options.engine.maxPending) <= FrameFormat.maxMessage else {
            throw RunError.messagesTooLarge(limit: FrameFormat.maxMessage)
        }
        // Writing to a closed socket must be an error and must not end the process.
        signal(SIGPIPE, SIG_IGN)
        let port = try RunError.checked(port)
        let run = try ServerRun(onServing: onServing ?? { ReportOutput.write("server running at \($0.url)") })
        let worker = RemoteWorker(self, in: run, host: host, port: port, over: transport, history: history)
        try await run.wait {
            await worker.start()
        } stop: {
            await worker.stop()
        }
    }
}
