/// Something that owns a descriptor registered with an ``EventLoop``.
protocol EventHandler: AnyObject {
    /// The descriptor is ready for `events`. Called on the loop.
    func ready(for events: EventMask)
    /// The loop has stopped and watches the descriptor no more. Called on the loop's thread.
    func loopEnded()
}

extension EventHandler {
    func loopEnded() {}
}
