import SimulatedMachine

/// A server that runs though another one has its database.
struct SupersededServer {
    let process: SimulatedProcess
    let store: any DatabaseClient
    let model: ReferenceModel
}
