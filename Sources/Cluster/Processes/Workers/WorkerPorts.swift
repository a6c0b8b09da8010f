/// The ports of a server's worker processes.
public enum WorkerPorts: Sendable {
    /// Each worker has its own port: the first one the port itself, the second one the next port, and so on; Unix
    /// domain sockets likewise. A client without WebSocket must send all its requests to one of them.
    case distinct
    /// All workers accept connections on one port. A request reaches its session whichever worker accepts it. The first
    /// four characters of each connection's id name its worker; in ids of `generateID` they are replaced.
    case shared
}
