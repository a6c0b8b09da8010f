import Transport

/// Events that follow each other in the stream and are for the same sockets.
package struct EventRun {
    package let audience: Broadcast
    private(set) var events: [MissedEvent]
    /// The bytes of the events, without their offsets.
    private(set) var byteCount: Int

    init(_ broadcast: Broadcast, position: UInt64) {
        audience = broadcast
        byteCount = broadcast.event.byteCount
        events = [MissedEvent(event: broadcast.event, position: position)]
    }

    /// Whether an event is for the same sockets.
    func isFor(_ broadcast: Broadcast) -> Bool { audience.hasAudience(of: broadcast) }

    /// Adds an event for the same sockets.
    mutating func append(_ broadcast: Broadcast, position: UInt64) {
        byteCount += broadcast.event.byteCount
        events.append(MissedEvent(event: broadcast.event, position: position))
    }

    /// The frames for sockets that have every stored message up to `row`.
    /// - Parameters:
    ///   - epoch: the hub's epoch; nil when nothing carries an offset.
    ///   - row: nil in a namespace without stored messages.
    package func frames(epoch: String?, row: Int64?) -> Frames {
        var builder = FramesBuilder()
        for event in events {
            if let epoch, !audience.isVolatile || event.event.endsInString {
                builder.appendEvent(event.event, at: Offset(epoch: epoch, position: event.position, row: row))
            } else {
                builder.appendEvent(event.event)
            }
        }
        return builder.finish()
    }
}

extension FramesBuilder {
    package mutating func appendEvent(_ event: EncodedEvent) {
        append(event.text, isBinary: false)
        for attachment in event.attachments { append(attachment, isBinary: true) }
    }

    package mutating func appendEvent(_ event: EncodedEvent, at offset: Offset) {
        appendText { event.append(withOffset: offset, to: &$0) }
        for attachment in event.attachments { append(attachment, isBinary: true) }
    }
}
