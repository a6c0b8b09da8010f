import Actors

/// How a worker opens its link: what it is, and which version it speaks.
struct Hello {
    static let magic = Array("chatd".utf8)
}

extension WireWriter {
    mutating func append(_: Hello) {
        append(raw: Hello.magic)
        append(FrameFormat.version)
    }

    /// The hub's answer.
    mutating func append(_ terms: HubTerms) {
        append(FrameFormat.version)
        append(terms.epoch)
        append(terms.keepsSessions)
    }
}

extension WireReader {
    mutating func hello() throws(CodecError) {
        for expected in Hello.magic {
            guard try byte() == expected else { throw .badVersion(0) }
        }
        try version()
    }

    mutating func welcome() throws(CodecError) -> HubTerms {
        try version()
        return HubTerms(epoch: try text(), keepsSessions: try bool())
    }

    private mutating func version() throws(CodecError) {
        let found = try integer(UInt16.self)
        guard found == FrameFormat.version else { throw .badVersion(found) }
    }
}
