/// What a message of another server may have at most. More is an error. The depth of a message is limited to 512 levels
/// and its binary values to 1000, as for clients with MessagePack.
package struct FormatLimits: Sendable, Equatable {
    /// The size of a message, in bytes. Reading a hostile one takes about ten times this for a moment, because a byte
    /// of MessagePack may be six bytes of JSON.
    package var message = 64 << 20
    /// The number of rooms in one list.
    package var rooms = 1 << 16
    /// The number of sockets that one answer describes.
    package var sockets = 1 << 18
    /// The size of the id of a node, a request, a session or a socket, in bytes of UTF-8.
    package var identifier = 256
    /// The number of questions about sessions in one message.
    package var questions = 4096
    /// The number of events of a session that moves to another host.
    package var events = 1 << 17
    /// The size of the name of a namespace, in bytes of UTF-8.
    package var namespace = 4096

    package init() {}
}
