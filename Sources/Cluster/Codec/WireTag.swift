/// The byte at the start of a value that selects its case, as listed in `docs/cluster-protocol.md`.
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
        case change = 10
        case fetch = 11
        case countWorkers = 12
        case inquire = 13
        case dismiss = 14
        case answer = 15
        case emitToServers = 16
        case open = 17
        case reportUse = 18
    }

    enum Event: UInt8 {
        case registered = 1
        /// The answer to a successful claim.
        case recovered = 2
        /// The answer to a refused claim.
        case refused = 3
        case ownershipLost = 4
        case dataRecorded = 5
        case joined = 6
        case left = 7
        case broadcast = 8
        case emitted = 9
        case message = 10
        case stored = 11
        case subscribed = 12
        case changed = 13
        case carriedOut = 14
        case fetched = 15
        case inquired = 16
        case dismissed = 17
        case answered = 18
        case serverEvent = 19
        case claimDelayed = 20
        case deleted = 21
        case usedElsewhere = 22
    }

    /// The cases of ``RowTrust`` in a refused claim.
    enum Trust: UInt8 {
        case unlimited = 0
        case limited = 1
        case foreign = 2
    }

    /// The parts of a message's author.
    enum Author: UInt8 {
        case unknown = 0
        case id = 1
        case idAndName = 2
        case name = 3

        init(hasID: Bool, hasName: Bool) {
            self = hasID ? (hasName ? .idAndName : .id) : hasName ? .name : .unknown
        }

        var hasID: Bool { self == .id || self == .idAndName }
        var hasName: Bool { self == .idAndName || self == .name }
    }

    /// The cases of ``SocketChange``.
    enum Change: UInt8 {
        case join = 1
        case leave = 2
        case disconnect = 3
    }

    /// The cases of ``FetchAnswer``.
    enum Answer: UInt8 {
        case sockets = 1
        case tooLarge = 2
        case workers = 3
        case refused = 4
    }

    /// The cases of ``Inquiry/Target``.
    enum Target: UInt8 {
        case clients = 1
        case servers = 2
    }

    /// The cases of ``Actors/InquiryAnswer``.
    enum InquiryAnswer: UInt8 {
        case arguments = 1
        case failure = 2
    }

    /// The cases of a metric's value.
    enum Sample: UInt8 {
        case number = 1
        case duration = 2
        case histogram = 3
    }

    /// The cases of ``InquiryReport/State``.
    enum InquiryState: UInt8 {
        case open = 1
        case complete = 2
        case incomplete = 3
        case tooLarge = 4
        case dropped = 5
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
