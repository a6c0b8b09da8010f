import SimulatedMachine
import Transport

/// A host: one server, from its first start through all its restarts, with its processes, ports and open databases.
///
/// Safety of `@unchecked Sendable`: a simulation has one thread.
final class Host: @unchecked Sendable {
    /// The number of the host, from 0.
    let number: Int
    /// The hub's process: the whole server, or the supervisor of the workers.
    var primary: SimulatedProcess?
    /// The hub's store, and the history readers of the worker processes.
    var store: (any DatabaseClient)?
    var readers: [any DatabaseClient] = []
    /// Running servers whose database another server has taken over.
    var supersededServers: [SupersededServer] = []
    /// The epoch of the current server.
    var epoch: String?
    /// The oracle for the current server's hub.
    var model: HubOracle
    /// The state of the current or latest server.
    var instance = ServerInstance(startedAt: .zero)
    /// The last number handed out when the server last ended a replacement of its workers.
    var lastNumberAtReplacement = 0
    /// The last number handed out when the server last ended without waiting for its clients.
    var lastNumberAtEndAtOnce = 0
    /// The last number handed out, such as that of a transport, when the server last ended.
    var lastNumberAtExit = 0
    /// Another program that listens on one of the server's ports.
    var portOccupant: SimulatedProcess?
    var occupiedPort: UInt16?
    /// The time at which another program unlocks the database, since the start of the run.
    var storeLockedUntil = Duration.zero
    /// The first port of the server. A competing server uses other ports.
    var firstPort: UInt16

    init(number: Int, model: HubOracle) {
        self.number = number
        self.model = model
        firstPort = 3000 + 10 * UInt16(number)
    }

    /// The first port of a competing server.
    var otherFirstPort: UInt16 { firstPort < 4000 ? firstPort + 1000 : firstPort - 1000 }

    /// The steps of the store and the readers are done by the world.
    var stores: [any DatabaseClient] { supersededServers.map(\.store) + (store.map { [$0] } ?? []) }

    /// The oracle's session with this id.
    func session(_ id: SessionID) -> HubOracle.Session? {
        model.session(id) ?? supersededServers.lazy.compactMap { $0.model.session(id) }.first
    }
}
