import SimulatedMachine

/// A running server whose database another server has taken over.
struct SupersededServer {
    let process: SimulatedProcess
    let store: any DatabaseClient
    let model: HubOracle
}
