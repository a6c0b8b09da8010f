/// The client of a connection on a ``MemoryMachine``. Both methods are called on the server's thread, between two turns
/// of its loop.
protocol MemoryClient: AnyObject, Sendable {
    func received(_ bytes: [UInt8])
    /// The server has ended the connection.
    func connectionEnded()
}
