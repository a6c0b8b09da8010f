import Actors
import Transport

/// A session on its way from one host to another.
struct MovingSession: Sendable, Equatable {
    let id: SessionID
    let privateID: SessionID
    /// The number of times that the session was claimed.
    let ownerEpoch: UInt32
    /// The group of a dynamic namespace; nil for another one.
    let group: String?
    /// The rooms at the cut, without the one named after the socket.
    let rooms: [String]
    let data: JSONText?
    /// The client started after the stored message with this id.
    let startRow: Int64
    /// The events up to the cut that the client may lack.
    let inherited: InheritedEvents
    /// The value that the broker keeps of the session. Its new host writes over it; nil if there is none.
    var keptAs: SessionDigest?
}
