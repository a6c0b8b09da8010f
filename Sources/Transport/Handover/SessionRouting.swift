/// Decides which worker handles a request, if several workers accept connections on the same sockets.
///
/// A value that knows the other workers from the tables that their supervisor sends.
package struct SessionRouting: Sendable {
    /// What decides where a request belongs.
    package enum Key: Equatable, Sendable {
        /// Any worker can handle the request.
        case none
        /// The request belongs to this session.
        case session(SessionID)
        /// The request opens a session.
        case newSession
    }

    /// Where a request is handled.
    package enum Destination: Equatable, Sendable {
        case here
        case worker(WorkerNumber)
        /// The supervisor chooses the worker with the fewest sessions.
        case leastLoaded
    }

    /// The workers' state, as their supervisor knows it.
    package struct Table: Equatable, Sendable {
        /// The number of sessions from which on a worker opens no more, because the others have fewer.
        package var limit: Int
        /// The workers that have sessions, in ascending order.
        package var workers: [WorkerNumber]

        package init(limit: Int, workers: [WorkerNumber]) {
            self.limit = limit
            self.workers = workers
        }
    }

    /// The worker that decides.
    package let own: WorkerNumber
    /// The latest table. Before the first one, any other worker may live.
    package var table: Table
    /// The number of sessions of this worker.
    package private(set) var sessions = 0
    /// True if this worker is about to end and opens no more sessions.
    package var isDraining = false

    package init(own: WorkerNumber) {
        self.own = own
        table = Table(limit: .max, workers: [])
    }

    /// Counts the sessions that were opened, or with a negative count those that have ended.
    package mutating func count(sessions change: Int) {
        sessions += change
    }

    /// Decides where a request is handled.
    /// - Parameters:
    ///   - key: what the request needs.
    ///   - isPassedOn: true if another worker has passed the request on to this one. It is not passed on twice.
    ///   - isBusy: true if much waits for the supervisor. Then a new session stays here, if it can.
    package func destination(of key: Key, isPassedOn: Bool, isBusy: Bool = false) -> Destination {
        guard !isPassedOn else { return .here }
        switch key {
        case .none: return .here
        case .newSession: return isDraining || sessions >= table.limit && !isBusy ? .leastLoaded : .here
        case .session(let id):
            let worker = id.worker
            return worker != own && mayLive(worker) ? .worker(worker) : .here
        }
    }

    /// The largest number of processes that may have started since the latest table.
    private static let maxUnknown: UInt32 = 16

    /// False if the worker has ended. A worker that is slightly newer than the table may have opened sessions already;
    /// the supervisor knows.
    private func mayLive(_ worker: WorkerNumber) -> Bool {
        guard let newest = table.workers.last else { return true }
        guard worker > newest else { return table.workers.contains(worker) }
        return worker.value - newest.value <= Self.maxUnknown
    }
}
