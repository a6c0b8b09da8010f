/// How frames look on a link; `docs/cluster-protocol.md` says it byte by byte.
///
/// Each direction of a link is a sequence of frames, numbered from 0 without a gap: a frame that is lost or doubled is noticed.
enum FrameFormat {
    /// What both sides of a link must speak.
    static let version: UInt16 = 3

    /// A frame's length field counts what follows it: number, kind and body.
    static let lengthSize = 4
    static let numberSize = 8
    static let headerSize = lengthSize + numberSize + 1

    /// The greatest value of the length field.
    static let maxLength: UInt32 = 64 << 20
    /// The least value of the length field.
    static let minLength = UInt32(numberSize + 1)
}

/// What a frame holds.
package enum FrameKind: UInt8 {
    /// Worker to hub: the first frame.
    case hello = 1
    /// Hub to worker: the answer to ``hello``.
    case welcome = 2
    /// Worker to hub: requests.
    case requests = 3
    /// Hub to worker: events of the stream.
    case events = 4
    /// Hub to worker: asks for a sign of life.
    case ping = 5
    /// Worker to hub: the answer to ``ping``.
    case pong = 6
    /// Worker to hub: it accepts connections.
    case serving = 7
    /// Hub to worker: close every session and exit.
    case stop = 8
    /// Hub to worker: log the counters.
    case report = 9
}

/// Why what came over a link is not what the other side can have sent. It ends the incarnation.
package enum CodecError: Error, Equatable {
    /// A frame says that it is shorter than a frame can be, or longer than ``FrameFormat/maxLength``.
    case badLength(UInt32)
    /// Frames are numbered densely.
    case missingNumber(expected: UInt64, found: UInt64)
    case unknownKind(UInt8)
    /// A frame's body ends inside of a value.
    case truncated
    /// A frame's body goes on behind its last value.
    case trailingBytes
    /// A value that no encoder writes.
    case badValue
    /// The other side speaks another version, or is no chatd at all.
    case badVersion(UInt16)
    /// A frame that is out of place.
    case unexpectedFrame
}
