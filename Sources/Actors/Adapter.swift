import Persistence
import Transport

/// The way from a worker to the hub, the one place that orders events, and back.
///
/// A worker hands over the requests of a loop turn in one batch; whatever the hub ordered comes back as a stream of
/// events, the worker's own requests included, each at its place in the one order. What is behind an adapter (a hub
/// in this process, a pipe to another one, a database) makes no difference to the worker.
public protocol Adapter: Sendable {
    /// Connects a worker. From now on `receiver` gets the stream. Called once, on the worker's loop.
    func attach(_ receiver: any StreamReceiver)

    /// Hands over requests in order. Called on the worker's loop, once a turn at most.
    func submit(_ requests: [HubRequest])

    /// What the hub promises to its workers. Asked after ``attach(_:)``.
    var terms: HubTerms { get }

    /// The stored messages, to catch up from; nil without a store.
    var history: (any History)? { get }
}

/// What a hub promises to its workers.
public struct HubTerms: Sendable, Equatable {
    /// The name of this start of the hub: positions of another epoch mean nothing.
    public let epoch: String
    /// Whether lost sessions are kept and can be claimed (connection state recovery).
    public let keepsSessions: Bool

    public init(epoch: String, keepsSessions: Bool) {
        self.epoch = epoch
        self.keepsSessions = keepsSessions
    }
}

/// Who gets the stream: a worker.
public protocol StreamReceiver: AnyObject, Sendable {
    /// The next events of the stream, in order. Called on the worker's loop.
    func receive(_ events: [HubEvent])
}
