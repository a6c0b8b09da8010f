/// The format of frames on a link, specified in `docs/cluster-protocol.md`.
///
/// Each direction of a link numbers its frames from 0 without a gap, so that the receiver detects a lost or repeated
/// frame.
package enum FrameFormat {
    /// The protocol version. Both sides of a link must have the same version.
    static let version: UInt16 = 15

    /// The size of the length field, in bytes. The field counts the bytes after it: number, kind and body.
    static let lengthSize = 4
    static let numberSize = 8
    static let headerSize = lengthSize + numberSize + 1

    /// The largest value of the length field.
    static let maxLength: UInt32 = 64 << 20
    /// The largest value of the length field of a worker's first frame, the hello. So a stranger that connects to the
    /// hub cannot make it buffer a large frame.
    static let maxHelloLength: UInt32 = 64
    /// The largest size of a client's message, and of the events that a client missed, in bytes: each must fit in one
    /// frame between worker and hub.
    package static let maxMessage = 32 << 20
    /// The smallest value of the length field.
    static let minLength = UInt32(numberSize + 1)
}

/// The kind of a frame, which says what its body holds.
enum FrameKind: UInt8 {
    /// Worker to hub: the first frame.
    case hello = 1
    /// Hub to worker: the answer to ``hello``.
    case welcome = 2
    /// Worker to hub: requests.
    case requests = 3
    /// Hub to worker: events of the stream.
    case events = 4
    /// Hub to worker: checks that the worker still responds.
    case ping = 5
    /// Worker to hub: the answer to ``ping``.
    case pong = 6
    /// Worker to hub: the worker accepts connections.
    case serving = 7
    /// Hub to worker: close every session at once and exit.
    case stop = 8
    /// Hub to worker: log the counters.
    case report = 9
    /// Hub to worker: send the clients away within a time and exit.
    case drain = 10
    /// Hub to worker: send the metrics.
    case measure = 11
    /// Worker to hub: the metrics, as the answer to ``measure``, and before a worker exits that was asked.
    case metrics = 12
}

/// A violation of the link protocol (`docs/cluster-protocol.md`) by the other side. It ends the link.
enum CodecError: Error, Equatable {
    /// The length field is below ``FrameFormat/minLength`` or above ``FrameFormat/maxLength``.
    case badLength(UInt32)
    /// The length field of the first frame is above ``FrameFormat/maxHelloLength``.
    case longHello(UInt32)
    /// The frame's number does not follow the previous one: a frame was lost, repeated or reordered.
    case unexpectedNumber(expected: UInt64, found: UInt64)
    /// The frame's kind is not defined.
    case unknownKind(UInt8)
    /// The body ends inside a value.
    case truncated
    /// The body continues after its last value.
    case trailingBytes
    /// A value that no encoder writes.
    case badValue
    /// The other side speaks another version of the protocol; 0 if it is not chatd at all.
    case badVersion(UInt16)
    /// The protocol does not allow this frame in this state or from this side.
    case unexpectedFrame
}

extension CodecError: CustomStringConvertible {
    /// A noun phrase for the operator: what the other side sent.
    var description: String {
        switch self {
        case .badLength(let length):
            "a frame length of \(length) (allowed: \(FrameFormat.minLength) to \(FrameFormat.maxLength))"
        case .longHello(let length):
            "a first frame of length \(length) (allowed: \(FrameFormat.minLength) to \(FrameFormat.maxHelloLength))"
        case .unexpectedNumber(let expected, let found): "frame \(found) instead of frame \(expected)"
        case .unknownKind(let kind): "a frame of the unknown kind \(kind)"
        case .truncated: "a frame that ends inside a value"
        case .trailingBytes: "a frame with trailing bytes"
        case .badValue: "a frame with an invalid value"
        case .badVersion(0): "a protocol other than chatd's"
        case .badVersion(let version): "protocol version \(version) instead of \(FrameFormat.version)"
        case .unexpectedFrame: "an unexpected frame"
        }
    }
}
