import Persistence
import Transport

/// An emitter's session at a PostgreSQL server.
final class PostgresEmitterConnection: EmitterConnection {
    private let statements: PostgresStatements
    private let handle: (EmitterConnectionEvent) -> Void
    private var session: PostgresSession<UInt64>?
    private var lastNumber: UInt64 = 0

    /// Begins to connect.
    /// - Parameter handle: called with each event.
    /// - Throws: ``SystemError`` if the attempt fails at once.
    init(
        to address: SocketAddress, _ identity: PostgresStateMachine.Identity, _ statements: PostgresStatements,
        on loop: EventLoop, handle: @escaping (EmitterConnectionEvent) -> Void
    ) throws(SystemError) {
        self.statements = statements
        self.handle = handle
        session = try PostgresSession(to: address, identity, on: loop) { [weak self] event in self?.received(event) }
    }

    var room: Int { session?.room ?? 0 }

    func send(_ message: PostgresPublication) -> UInt64? {
        guard let session else { return nil }
        lastNumber += 1
        session.send(message.statement(statements), for: lastNumber)
        return lastNumber
    }

    func close() {
        session?.close()
        session = nil
    }

    private func received(_ event: PostgresSession<UInt64>.Event) {
        switch event {
        case .ready: handle(.ready)
        case .answered(let number, .success): handle(.answered(number, nil))
        case .answered(let number, .failure(let error)):
            handle(.answered(number, error.isTemporary ? .unreachable("\(error)") : .refused("\(error)")))
        case .notification: break
        case .ended(let reason, let isRefusal):
            close()
            handle(.ended(reason: reason, isRefusal: isRefusal))
        }
    }
}

extension PostgresError {
    /// Classes of errors for which the statement is not the reason: exceptions of the connection, transactions that
    /// are rolled back, missing resources, locks, interventions of the operator, and errors of the system
    /// (PostgreSQL, appendix A).
    private static let temporaryClasses: Set = ["08", "40", "53", "55", "57", "58"]
    /// The queue of notifications is full, or the server is a standby.
    private static let temporaryCodes: Set = ["54000", "25006"]

    /// True if the same statement may succeed later.
    var isTemporary: Bool { Self.temporaryClasses.contains(sqlClass) || Self.temporaryCodes.contains(code) }
}
