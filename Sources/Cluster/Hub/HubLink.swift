import Actors

/// The hub's end of a link to one incarnation. Called on the hub's loop.
protocol HubLink: Sendable {
    func send(_ events: [HubEvent])

    /// Handles every request that the worker has written to the link before this call.
    /// - Returns: true if that is done within this call. Otherwise the link calls ``Hub/drained(_:)`` once it is done,
    ///   or ends.
    func drain() -> Bool

    /// True if much output is queued for the worker, the worker still reads, and the hub waits for it before it stores
    /// more messages.
    var isCongested: Bool { get }

    /// The number of bytes that wait for the worker.
    var pendingBytes: Int { get }
}

extension HubLink {
    var isCongested: Bool { false }

    var pendingBytes: Int { 0 }
}
