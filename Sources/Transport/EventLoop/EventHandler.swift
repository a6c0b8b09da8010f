/// The owner of a descriptor that is registered with an ``EventLoop``.
protocol EventHandler: AnyObject {
    /// Handles the `events` that the descriptor is ready for. Called on the loop.
    func ready(for events: EventMask)
    /// The loop has stopped and no longer watches the descriptor. Called on the loop's thread.
    func loopEnded()
}

extension EventHandler {
    func loopEnded() {}
}
