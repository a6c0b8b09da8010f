/// What one process has open of the database. Its work is done in steps of the world.
protocol DatabaseClient: AnyObject {
    var hasWork: Bool { get }

    /// Brings one of the things at the disk one step on.
    func step()

    /// The process has gone: nothing that it asked for is done any more.
    func end()
}
