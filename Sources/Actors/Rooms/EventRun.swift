import Transport

/// Consecutive events of the stream with the same audience.
struct EventRun {
    let audience: Broadcast
    private(set) var events: [PositionedEvent]
    /// The size of the events without their offsets, in bytes.
    private(set) var byteCount: Int

    init(_ broadcast: Broadcast, position: UInt64) {
        audience = broadcast
        byteCount = broadcast.event.byteCount
        events = [PositionedEvent(event: broadcast.event, position: position)]
    }

    var count: Int { events.count }

    /// Returns true if an event has the audience of this run.
    func isFor(_ broadcast: Broadcast) -> Bool { audience.hasAudience(of: broadcast) }

    /// Adds an event with the audience of this run.
    mutating func append(_ broadcast: Broadcast, position: UInt64) {
        byteCount += broadcast.event.byteCount
        events.append(PositionedEvent(event: broadcast.event, position: position))
    }

    /// The frames for sockets that have every stored message up to `row`.
    /// - Parameters:
    ///   - terms: Describes the hub; nil if events carry no offset.
    ///   - row: The id of the last stored message that these sockets have; nil in a namespace without stored messages.
    func frames(terms: HubTerms?, row: Int64?) -> Frames {
        var builder = FramesBuilder()
        for event in events {
            // A volatile event is not in the log and needs no offset, unless a client would mistake the event's last
            // string for an offset.
            if let terms, !audience.isVolatile || event.event.endsInString {
                builder.appendEvent(event.event, at: terms.offset(at: event.position, row: row))
            } else {
                builder.appendEvent(event.event)
            }
        }
        return builder.finish()
    }
}

extension FramesBuilder {
    mutating func appendEvent(_ event: EncodedEvent) {
        append(event.text, isBinary: false)
        for attachment in event.attachments { append(attachment, isBinary: true) }
    }

    mutating func appendEvent(_ event: EncodedEvent, at offset: Offset) {
        appendText { event.append(withOffset: offset, to: &$0) }
        for attachment in event.attachments { append(attachment, isBinary: true) }
    }
}
