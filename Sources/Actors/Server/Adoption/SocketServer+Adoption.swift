import Transport

extension SocketServer {
    /// Serves a connection that another HTTP server has accepted, for example because the path of its first request is
    /// below ``EngineOptions/path``.
    ///
    /// The server owns the descriptor from this call on, closes it in every case, also if the call throws, and makes it
    /// non-blocking. The other server must neither use nor close it any more. If it always closes its descriptors
    /// itself, pass a duplicate (`dup`), and remove the original from its event loop before this call. From now on this
    /// server answers all requests of the connection, also those for other paths, with its own routes or with 404.
    ///
    /// The connection has the limits and timeouts of an accepted one. With ``HostPolicy/automatic`` a connection to an
    /// address that other machines can reach, or over a Unix domain socket, makes the server accept every host name.
    /// TLS is not supported: pass one end of a socket pair, and copy the decrypted bytes to and from the other.
    ///
    /// The call may come from any thread, also before the server runs: then the connection waits until the server
    /// accepts clients. In a program with workers, each worker process adopts its own connections, and the first
    /// process refuses them.
    /// - Parameters:
    ///   - descriptor: A connected TCP or Unix domain stream socket.
    ///   - bytes: All bytes that were read from it and not answered, from the first byte of a request on.
    ///   - peer: The client's address for handshakes; nil to take it from the socket.
    /// - Throws: ``AdoptionError``.
    public func adopt(
        _ descriptor: CInt, received bytes: [UInt8] = [], peer: String? = nil
    ) throws(AdoptionError) {
        let socket: AdoptedSocket
        do {
            socket = try AdoptedSocket(descriptor, received: bytes, peer: peer)
        } catch {
            throw .notConnected(error)
        }
        try adoptions.add(socket)
    }

    /// Refuses connections from other code, because this process has no clients.
    package func refuseAdoptions() {
        adoptions.close()
    }
}
