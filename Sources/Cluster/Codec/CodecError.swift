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
