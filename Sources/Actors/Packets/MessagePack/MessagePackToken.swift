/// The next part of a MessagePack value: a scalar, or the head of a container whose elements follow.
enum MessagePackToken: Equatable {
    case null
    case bool(Bool)
    /// A whole number below zero.
    case negative(Int64)
    case unsigned(UInt64)
    case float(Double)
    /// The range of a string in the message. It may be no valid UTF-8.
    case string(Range<Int>)
    case binary(Range<Int>)
    /// An array with this many elements.
    case array(Int)
    /// A map with this many pairs of a key and a value.
    case map(Int)
    case `extension`(MessagePackExtension)

    /// True for JavaScript's `undefined`, as the official parser wrote it up to its version 3.0.1.
    var isUndefined: Bool {
        guard case .extension(let value) = self else { return false }
        return value.type == 0 && value.isFixed && value.content.count == 1
    }
}

/// A value of a type that MessagePack itself does not define.
struct MessagePackExtension: Equatable {
    let type: Int8
    /// The range of the content in the message.
    let content: Range<Int>
    /// True if the size is implied by the first byte ("fixext"). The official parser's earlier versions tell dates from
    /// binary data by this.
    let isFixed: Bool
}
