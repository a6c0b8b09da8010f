/// What a server may send at most. More is an error, after which the connection must be closed.
package struct RESPLimits: Sendable {
    /// The number of aggregates that may be open inside each other.
    var depth = 32
    /// The number of elements of a value, with those of its elements.
    var elements = 1 << 20
    /// The length of a line in bytes, without its line feed.
    var line = 64 << 10
    /// The size of an encoded value in bytes, with its elements and the attributes before them.
    var value = 64 << 20

    /// How many bytes of payloads a value keeps. A payload that exceeds it becomes null, and does not count. Nil: as
    /// many as the value may have.
    var keptPayloads: Int?

    package init() {}
}
