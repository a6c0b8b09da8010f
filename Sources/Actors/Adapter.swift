import Persistence
import Transport

/// Connects a worker to the hub, which orders all events.
///
/// A worker submits the requests of a loop turn in one batch. The hub answers with a stream of events in one global
/// order, which includes the results of the worker's own requests. The worker does not depend on what implements the
/// adapter: a hub in the same process, a pipe to another process or a database.
///
/// An adapter of your own must send every worker that has sockets of a namespace the events of that namespace, and all
/// workers see them in one order. It answers each request as ``HubRequest`` says, in the order of the requests of one
/// socket; ``HubRequest/refusal`` answers those that it does not support.
public protocol Adapter: Sendable {
    /// Connects a worker. The stream then goes to `receiver`. Keep it weakly, because the worker keeps the adapter.
    /// Called once, on the worker's loop.
    func attach(_ receiver: any StreamReceiver)

    /// Submits requests in order. The answers may arrive within the call. Called on the worker's loop, at most once per
    /// turn.
    func submit(_ requests: [HubRequest])

    /// The hub's properties that its workers need. Valid after ``attach(_:)``.
    var terms: HubTerms { get }

    /// The stored messages that sockets read to catch up; nil without a store.
    var history: (any History)? { get }
}

/// The properties of a hub that its workers need.
public struct HubTerms: Sendable, Equatable {
    /// Identifies this run of the hub. Positions from another epoch are meaningless, except entries of a shared stream.
    public let epoch: String
    /// True if lost sessions are kept and can be claimed (connection state recovery).
    public let keepsSessions: Bool
    /// True if the hub's positions are ids of entries of a stream that other hubs read too.
    package let sharesPositions: Bool

    /// Describes a hub.
    public init(epoch: String, keepsSessions: Bool) {
        self.init(epoch: epoch, keepsSessions: keepsSessions, sharesPositions: false)
    }

    /// Describes a hub. The properties explain the parameters.
    package init(epoch: String, keepsSessions: Bool, sharesPositions: Bool) {
        self.epoch = epoch
        self.keepsSessions = keepsSessions
        self.sharesPositions = sharesPositions
    }

    /// The epoch in an offset at this position: nil for an entry of a stream, unless it names a stored message. The
    /// epoch says whether the id of the message can be trusted.
    package func epoch(at position: UInt64, row: Int64? = nil) -> String? {
        sharesPositions && row == nil && SharedPosition(position).isEntry ? nil : epoch
    }

    /// The offset of a client at this position.
    package func offset(at position: UInt64, row: Int64?) -> Offset {
        Offset(epoch: epoch(at: position, row: row), position: position, row: row)
    }
}

/// The receiver of the stream: a worker.
public protocol StreamReceiver: AnyObject, Sendable {
    /// Applies the next events of the stream, in order. Called on the worker's loop.
    func receive(_ events: [HubEvent])
}
