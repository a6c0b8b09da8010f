/// A socket of a ``MemoryMachine``: a listener, or the server's end of a connection.
struct MemorySocket {
    /// The most bytes that wait for a client. The server keeps the others.
    static let capacity = 1 << 20

    /// Receives what the server sends; nil for a listener, and after the client has ended the connection.
    var client: (any MemoryClient)?
    /// The connections that a listener has not accepted.
    var pending: [CInt] = []
    /// The bytes that the server has not read.
    var incoming: [UInt8] = []
    /// True if the client sends nothing more.
    var hasClientEnded = false
    /// True if the client has reset the connection.
    var isReset = false
    /// The bytes that the client has not received.
    var outgoing: [UInt8] = []
    /// True if the server sends nothing more.
    var hasServerEnded = false
    /// True if the server has closed its end.
    var isClosed = false
    /// True if the client receives nothing for now.
    var isHeld = false

    init() {}

    init(of client: any MemoryClient) {
        self.client = client
    }

    /// Drops what the client would receive.
    mutating func detachClient() {
        client = nil
        outgoing = []
    }
}
