/// Passes the connections of an ``HTTPServer`` to other processes that accept on the same sockets. Used on the server's
/// loop.
package protocol ConnectionHandover: AnyObject {
    /// The worker of this process.
    var worker: WorkerNumber { get }
    /// True if another connection can be passed on now.
    var hasRoom: Bool { get }
    /// Decides where a request is handled.
    /// - Parameter isPassedOn: true if another worker has passed the request on to this one.
    func destination(of key: SessionRouting.Key, isPassedOn: Bool) -> SessionRouting.Destination
    /// Passes a connection on, and takes ownership of its descriptor.
    func pass(_ connection: PassedConnection, to destination: SessionRouting.Destination)
    /// Receives the connections that other workers pass on, and takes ownership of their descriptors.
    var receiver: ((PassedConnection) -> Void)? { get set }
    /// Counts sessions that were opened, or with a negative count those that have ended.
    func count(sessions change: Int)
}

/// A connection on its way to another worker: the first request that the other worker handles has not been answered.
package struct PassedConnection {
    /// The connected socket. The owner of this value must close it or pass it on.
    package let descriptor: CInt
    /// The client as the connection or its PROXY header states it.
    package let peer: HTTPPeer
    /// The bytes that were received and not handled, from the first byte of a request on.
    package let received: [UInt8]
    /// The additional header fields of an answer that refuses the request.
    package let refusalHeaders: [(String, String)]

    package init(
        descriptor: CInt, peer: HTTPPeer, received: [UInt8], refusalHeaders: [(String, String)] = []
    ) {
        self.descriptor = descriptor
        self.peer = peer
        self.received = received
        self.refusalHeaders = refusalHeaders
    }
}

/// A handler whose requests may belong to other workers.
protocol RoutedHandler: HTTPRequestHandler {
    func routingKey(for head: HTTPRequestHead) -> SessionRouting.Key
}
