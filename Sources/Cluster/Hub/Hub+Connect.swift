import Actors
import Transport

extension Hub {
    /// Serves a worker that is connected by a stream of bytes: a ``SocketTransport``, or a transport of your own. The
    /// other side is a ``WorkerLink``, or a server in ``SocketServer/run(host:port:over:history:onServing:)``.
    ///
    /// The link ends if the stream ends, if the worker sends no hello within ten seconds, sends or reads nothing for
    /// ten seconds, does not answer for ten seconds while clients wait for their sessions, or violates the protocol.
    /// The hub then treats the worker as dead: the sessions of its clients are kept for recovery, and other workers are
    /// not affected. A session is claimed from a connected worker only after that worker has answered, or its link has
    /// ended. If the machine of a worker fails, its last requests may be lost, even if its clients have seen their
    /// effects.
    /// - Parameters:
    ///   - transport: this side of the stream. To disconnect the worker, end it.
    ///   - ended: called on the loop when the link has ended. By default the reason is written to standard error.
    public nonisolated func connect(
        over transport: any LinkTransport, ended: (@Sendable (LinkEnd) -> Void)? = nil
    ) {
        let ended = ended ?? { ReportOutput.write("the link to a worker ended: \($0)", kind: "link") }
        connect(over: transport, patience: PipeLink.patience, ended: ended)
    }

    nonisolated func connect(
        over transport: any LinkTransport, patience: Duration, ended: @escaping @Sendable (LinkEnd) -> Void
    ) {
        let link = PipeLink(to: self, on: loop, patience: patience) { event in
            if case .ended(let reason) = event { ended(reason) }
        }
        run { link.assumeIsolated { $0.start(over: transport) } }
    }
}
