import Actors
import Transport

/// The handlers that are running now. Checks that a socket's handlers run one at a time.
final class HandlerRecord {
    private struct Key: Hashable {
        /// The process, if a broker keeps sessions; nil otherwise. A host whose sessions were taken ends them later,
        /// and one that has not seen the last claim of a session numbers the next one alike.
        let process: Int?
        let id: SessionID
        let ownerEpoch: UInt32
    }

    private let record: Record
    private let isByProcess: Bool
    /// Returns true if an earlier state of a session may have come back to its host.
    private let mayReturn: (SessionID) -> Bool
    private var processes = 0
    private var running: Set<Key> = []

    /// - Parameter isByProcess: true if a broker keeps sessions.
    init(_ record: Record, isByProcess: Bool, mayReturn: @escaping (SessionID) -> Bool) {
        self.mayReturn = mayReturn
        self.record = record
        self.isByProcess = isByProcess
    }

    /// The number of a process that begins.
    func nextProcess() -> Int {
        processes += 1
        return processes
    }

    func began(for socket: Socket, in process: Int) {
        let isAlone = running.insert(key(of: socket, process)).inserted
        record.require(
            isAlone || mayReturn(socket.key.id), .handlersAreSerial,
            "two handlers of \(socket.id) run at the same time")
    }

    func ended(for socket: Socket, in process: Int) {
        running.remove(key(of: socket, process))
    }

    private func key(of socket: Socket, _ process: Int) -> Key {
        Key(process: isByProcess ? process : nil, id: socket.key.id, ownerEpoch: socket.key.ownerEpoch)
    }
}
