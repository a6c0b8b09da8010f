import Actors

/// The first message of a worker: a magic string and the protocol version.
struct Hello {
    static let magic = Array("chatd".utf8)
}

extension WireWriter {
    mutating func append(_: Hello) {
        append(raw: Hello.magic)
        append(FrameFormat.version)
    }

    /// Appends the body of a welcome, the hub's answer to a hello.
    mutating func append(_ terms: HubTerms) {
        append(FrameFormat.version)
        append(terms.epoch)
        append(terms.keepsSessions)
        append(terms.sharesPositions)
    }
}

extension WireWriter {
    mutating func append(_ plan: DrainPlan) {
        append(UInt32(clamping: Int(plan.time / .milliseconds(1))))
        append(plan.sendsPollersAtOnce)
    }
}

extension WireReader {
    /// - Throws: ``CodecError/badVersion(_:)`` if the other side is not a worker of this version.
    mutating func hello() throws(CodecError) {
        for expected in Hello.magic {
            guard try byte() == expected else { throw .badVersion(0) }
        }
        try version()
    }

    /// - Throws: ``CodecError/badVersion(_:)`` if the other side is not a hub of this version.
    mutating func welcome() throws(CodecError) -> HubTerms {
        try version()
        return HubTerms(epoch: try text(), keepsSessions: try bool(), sharesPositions: try bool())
    }

    mutating func drainPlan() throws(CodecError) -> DrainPlan {
        DrainPlan(time: .milliseconds(try integer(UInt32.self)), sendsPollersAtOnce: try bool())
    }

    private mutating func version() throws(CodecError) {
        let found = try integer(UInt16.self)
        guard found == FrameFormat.version else { throw .badVersion(found) }
    }
}
