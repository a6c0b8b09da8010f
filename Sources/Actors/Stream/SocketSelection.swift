/// The sockets that a request applies to, on all workers: everyone in a namespace, or the members of some rooms, except
/// the members of excluded rooms.
public struct SocketSelection: Sendable, Equatable {
    /// The namespace, with its leading slash.
    public let namespace: String
    /// The rooms whose members are selected; empty for everyone in the namespace. A socket's id names a room that
    /// contains only this socket.
    public let rooms: [String]
    /// The rooms whose members are not selected.
    public let exceptions: [String]

    /// Creates a selection. The properties explain the parameters.
    public init(namespace: String, rooms: [String], exceptions: [String]) {
        self.namespace = namespace
        self.rooms = rooms
        self.exceptions = exceptions
    }

    /// The total size of the names, in bytes.
    var byteCount: Int { namespace.utf8.count + rooms.byteCount + exceptions.byteCount }
}

/// A value that concerns the sockets of a namespace or of some rooms.
package protocol Addressed {
    var namespace: String { get }
    var rooms: [String] { get }
    var exceptions: [String] { get }
}

extension SocketSelection: Addressed {}
extension Broadcast: Addressed {}

extension [String] {
    /// The total size of the texts, in bytes.
    var byteCount: Int { reduce(0) { $0 + $1.utf8.count } }
}
