/// One argument of an event or acknowledgement.
public enum Argument: Sendable, Equatable {
    /// A JSON value. One that came out of a binary packet may have placeholders inside; they mean something only
    /// together with the attachments of that packet, so such arguments are passed on as the `Arguments` they came in.
    case json(JSONText)
    /// Binary data, which travels as an attachment.
    case binary([UInt8])
}
