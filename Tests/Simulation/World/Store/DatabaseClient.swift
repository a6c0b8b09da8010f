/// One process's open database. Its work is done in steps of the world.
protocol DatabaseClient: AnyObject {
    var hasWork: Bool { get }

    /// Advances one pending operation by one step.
    func step()

    /// Fails the pending operations, because the process has ended.
    func end()
}
