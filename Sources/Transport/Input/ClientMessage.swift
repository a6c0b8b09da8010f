/// A whole message from a client, by WebSocket or in the body of a POST.
///
/// The decoders make it, and every layer above takes it as it is.
public enum ClientMessage: Sendable, Equatable {
    /// Valid UTF-8, as it arrived: an Engine.IO packet with its type in the first byte.
    case text([UInt8])
    case binary([UInt8])
}
