/// A body that is read piece by piece while it is sent, at the pace of who takes it. It belongs to the server's loop.
public protocol HTTPBodySource: AnyObject {
    /// The bytes of the whole body.
    var count: Int { get }

    /// Reads the next bytes of the body. They are asked for one piece after the other, while little of what has been read
    /// waits for the client.
    /// - Parameter completion: called once, on the loop and after this call has returned. Without bytes, the body cannot be
    ///   had as it was promised; the connection is closed then, since its client has been told how much would come.
    func readPiece(_ completion: @escaping ([UInt8]?) -> Void)
}
