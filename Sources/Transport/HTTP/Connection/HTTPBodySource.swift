/// A body that is read in pieces while it is sent, at the pace of the client. It is confined to the server's loop.
public protocol HTTPBodySource: AnyObject {
    /// The size of the whole body in bytes.
    var count: Int { get }

    /// Reads the next bytes of the body. The next piece is requested when few bytes wait for the client.
    /// - Parameter completion: called once, on the loop, after this call has returned. It gets nil if the body cannot
    ///   be read as announced; the connection is then closed, because the client already knows the body's size.
    func readPiece(_ completion: @escaping ([UInt8]?) -> Void)
}
