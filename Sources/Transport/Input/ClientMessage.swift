/// A complete message from a client, from a WebSocket or the body of a POST.
///
/// The decoders create it, and every layer above uses it unchanged.
public enum ClientMessage: Sendable, Equatable {
    /// Valid UTF-8, as it arrived: an Engine.IO packet with its type in the first byte.
    case text([UInt8])
    /// The bytes of a binary message.
    case binary([UInt8])
}
