/// The byte in front of each kind of value, as `docs/cluster-protocol.md` lists them.
enum WireTag {
    enum Request: UInt8 {
        case register = 1
        case unregister = 2
        case claim = 3
        case setData = 4
        case join = 5
        case leave = 6
        case emit = 7
        case store = 8
        case subscribe = 9
    }

    enum Event: UInt8 {
        case registered = 1
        /// A claim's answer.
        case recovered = 2
        /// A claim's answer.
        case refused = 3
        case ownershipLost = 4
        case dataNoted = 5
        case joined = 6
        case left = 7
        case broadcast = 8
        case emitted = 9
        case message = 10
        case stored = 11
        case subscribed = 12
    }

    /// How far a refused claim's offset is trusted.
    enum Trust: UInt8 {
        case unlimited = 0
        case limited = 1
        case foreign = 2
    }
}

extension WireWriter {
    mutating func append<Tag: RawRepresentable<UInt8>>(tag: Tag) {
        append(tag.rawValue)
    }
}

extension WireReader {
    /// - Throws: ``CodecError/badValue`` for a tag that no encoder writes.
    mutating func tag<Tag: RawRepresentable<UInt8>>(_: Tag.Type) throws(CodecError) -> Tag {
        guard let tag = Tag(rawValue: try byte()) else { throw .badValue }
        return tag
    }
}
