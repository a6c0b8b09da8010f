import Transport

/// Events that follow each other in the stream and are for the same sockets.
struct EventRun {
    let audience: Broadcast
    private(set) var events: [MissedEvent]
    /// The bytes of the events, without their offsets.
    private(set) var byteCount: Int

    init(_ broadcast: Broadcast, position: UInt64) {
        audience = broadcast
        byteCount = broadcast.event.byteCount
        events = [MissedEvent(event: broadcast.event, position: position)]
    }

    /// Adds an event if it is for the same sockets.
    mutating func append(_ broadcast: Broadcast, position: UInt64) -> Bool {
        guard audience.hasAudience(of: broadcast) else { return false }
        byteCount += broadcast.event.byteCount
        events.append(MissedEvent(event: broadcast.event, position: position))
        return true
    }

    /// The frames for sockets that have every stored message up to `row`.
    /// - Parameters:
    ///   - epoch: the hub's epoch; nil when nothing carries an offset.
    ///   - row: nil in a namespace without stored messages.
    func frames(epoch: String?, row: Int64?) -> Frames {
        var builder = FramesBuilder()
        for event in events {
            if let epoch, !audience.isVolatile || event.event.endsInString {
                builder.append(event.event, at: Offset(epoch: epoch, position: event.position, row: row))
            } else {
                builder.append(event.event)
            }
        }
        return builder.finish()
    }
}

extension FramesBuilder {
    mutating func append(_ event: EncodedEvent) {
        append(event.text, isBinary: false)
        for attachment in event.attachments { append(attachment, isBinary: true) }
    }

    mutating func append(_ event: EncodedEvent, at offset: Offset) {
        appendText { event.append(withOffset: offset, to: &$0) }
        for attachment in event.attachments { append(attachment, isBinary: true) }
    }
}
