@_spi(Collections) import Actors
import Persistence
import Transport

/// One session at a PostgreSQL server that can write, with statements in a pipeline and a regular check that the server
/// still answers. Everything happens on the loop.
///
/// `Work` is what the owner has a statement done for. It comes back with the statement's result.
final class PostgresSession<Work: Sendable> {
    enum Event {
        /// Statements can be sent.
        case ready
        /// A statement has ended. The results come in the order of the statements.
        case answered(Work, Result<PostgresResult, PostgresError>)
        /// A notification on a channel to which the session listens.
        case notification(channel: String, payload: String)
        /// The session cannot be used any more. No event follows. It is a refusal if the server does not accept the
        /// user, so that another attempt would fail in the same way.
        case ended(reason: String, isRefusal: Bool)
    }

    private enum Purpose {
        case beginning
        case check
        case work(Work)
    }

    private let loop: EventLoop
    private let handle: (Event) -> Void
    private let isPublisher: Bool
    private var session: PostgresStateMachine
    private var socket: OutgoingConnection?
    /// What the statements in progress are for.
    private var purposes = Queue<Purpose>()
    private var isReady = false
    private var hasEnded = false
    private var timer: EventLoop.TimerToken?
    private var watch: AnswerWatch

    /// Begins to connect.
    /// - Parameters:
    ///   - isPublisher: true to discard what the server has not received when the session is given up.
    ///   - handle: called with each event.
    /// - Throws: ``SystemError`` if the attempt fails at once.
    init(
        to address: SocketAddress, _ identity: PostgresStateMachine.Identity, isPublisher: Bool = false,
        on loop: EventLoop, handle: @escaping (Event) -> Void
    ) throws(SystemError) {
        self.loop = loop
        self.handle = handle
        self.isPublisher = isPublisher
        let machine = loop.machine
        session = PostgresStateMachine(identity) {
            (0..<3).flatMap { _ in withUnsafeBytes(of: machine.random()) { Array($0) } }
        }
        watch = AnswerWatch(at: loop.now)
        socket = try OutgoingConnection(to: address, on: loop, handler: self)
        timer = loop.startTimer(at: watch.nextCheck, self)
    }

    /// How many statements can be sent now. One place is kept for the check.
    var room: Int { isReady ? max(0, session.room - 1) : 0 }

    /// Sends a statement, for which there is room. Has no effect after the end.
    func send(_ statement: PostgresStatement, for work: Work) {
        guard isReady, !hasEnded, session.room > 0 else { return }
        send(statement, .work(work))
    }

    private func send(_ statement: PostgresStatement, _ purpose: Purpose) {
        let wasIdle = purposes.isEmpty
        session.send(statement)
        purposes.append(purpose)
        flush()
        if wasIdle { noteProgress() }
    }

    private func noteProgress() {
        watch.progressed(at: loop.now, sent: socket?.queuedBytes ?? 0)
    }

    /// Tells the server that the session ends. The caller closes it when that is written, in a later turn.
    func terminate() {
        session.terminate()
        flush()
    }

    /// Closes at once, without an event.
    /// - Parameter isGivenUp: true to discard what the server has not received.
    func close(isGivenUp: Bool = false) {
        guard !hasEnded else { return }
        hasEnded = true
        isReady = false
        if let timer { loop.cancelTimer(timer) }
        if isGivenUp { socket?.reset() } else { socket?.close() }
        socket = nil
    }

    private func flush() {
        socket?.send(session.takeOutput())
    }

    private func end(_ reason: String, isRefusal: Bool = false) {
        guard !hasEnded else { return }
        close(isGivenUp: isPublisher)
        handle(.ended(reason: reason, isRefusal: isRefusal))
    }

    private func handle(_ event: PostgresStateMachine.Event) {
        switch event {
        case .ready: send(PostgresStatements.beginning, .beginning)
        case .completed(let result): answered(.success(result))
        case .failed(let error): answered(.failure(error))
        case .refused(let error): end("\(error)", isRefusal: !isReady && error.isAboutLogin)
        case .notification(let channel, let payload, _): handle(.notification(channel: channel, payload: payload))
        case .notice: break
        }
    }

    private func answered(_ result: Result<PostgresResult, PostgresError>) {
        switch (purposes.removeFirst(), result) {
        case (.beginning, .success(let result)): begin(result)
        case (.beginning, .failure(let error)), (.check, .failure(let error)): end("\(error)")
        case (.work(let work), let result): handle(.answered(work, result))
        case (.check, .success), (nil, _): break
        }
    }

    private func begin(_ result: PostgresResult) {
        let row = (result.rows.first ?? []).map { String(decoding: $0 ?? [], as: UTF8.self) }
        guard row.first == "f" else { return end("the server is in recovery") }
        guard row.count > 1, row[1] == "UTF8" else { return end("the encoding of the database is not UTF8") }
        isReady = true
        handle(.ready)
    }
}

extension PostgresSession: OutgoingConnectionHandler {
    func connectionOpened() {
        session.start()
        flush()
    }

    func connectionRead(_ bytes: RawSpan) {
        noteProgress()
        do throws(PostgresProtocolError) {
            for event in try session.receive(bytes) {
                guard !hasEnded else { return }
                handle(event)
            }
            flush()
        } catch {
            end("\(error)", isRefusal: error.isAboutLogin)
        }
    }

    func connectionEnded(_ reason: String) {
        end(reason)
    }
}

extension PostgresSession: TimerTarget {
    func timerFired(at now: ContinuousClock.Instant) {
        let isOverdue = watch.isOverdue(
            at: now, isReady: isReady, isWaiting: !purposes.isEmpty, acknowledged: socket?.acknowledgedBytes ?? 0)
        guard !isOverdue else {
            timer = nil
            return end("the server did not answer in time")
        }
        if isReady, purposes.isEmpty { send(PostgresStatements.check, .check) }
        timer = loop.startTimer(at: watch.nextCheck, self)
    }
}

extension PostgresError {
    /// The server does not accept the user or the password (class 28), does not have the database (class 3D), or does
    /// not allow the user to connect to it.
    fileprivate var isAboutLogin: Bool { sqlClass == "28" || sqlClass == "3D" || code == "42501" }
}

extension PostgresProtocolError {
    /// The server asks for another login than that of this process.
    fileprivate var isAboutLogin: Bool {
        switch self {
        case .unsupportedAuthentication, .passwordMissing, .badChallenge, .serverUnproven: true
        case .unknownMessage, .unexpectedMessage, .badLength, .malformedMessage, .copying, .resultTooLarge,
            .tooManySettings:
            false
        }
    }
}
