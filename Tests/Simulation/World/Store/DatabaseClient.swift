/// One process's open database. Its work is done in steps of the world.
protocol DatabaseClient: AnyObject {
    var hasWork: Bool { get }

    /// Advances one pending operation by one step.
    func step()

    /// The process has ended: pending operations fail.
    func end()
}
