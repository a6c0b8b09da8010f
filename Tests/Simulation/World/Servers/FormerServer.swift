import SimulatedMachine

/// A server that runs though another one has its database.
struct FormerServer {
    let process: SimulatedProcess
    let store: any DatabaseClient
    let witness: Witness
}
