/// The object that stands for an attachment in a binary packet's JSON: `{"_placeholder":true,"num":N}`.
///
/// As in the official implementation, every object whose `_placeholder` is `true` is a placeholder, at any depth and
/// with any other members. If a member name repeats, the last one counts.
enum Placeholder {
    static let flag = "_placeholder"
    static let num = "num"

    /// Appends the placeholder of attachment `number`, with the keys in the order that clients expect.
    static func append(number: Int, to output: inout [UInt8]) {
        output.append(contentsOf: #"{"_placeholder":true,"num":"#.utf8)
        output.append(decimal: UInt64(number.magnitude))
        output.append(UInt8(ascii: "}"))
    }

    /// The number of the attachment that `text` stands for, or nil if it is not a placeholder.
    static func number(in text: JSONText) -> Int? {
        text[flag]?.bool == true ? text[num]?.integer : nil
    }
}

/// Checks that each placeholder of a binary packet refers to an attachment of the packet, at any depth, and that no two
/// refer to the same one.
///
/// The official decoder accepts several references to an attachment, but no official encoder writes them. They are
/// refused because each reference becomes a copy of the attachment where binary data is inline: in a handler's values
/// and in MessagePack. A small packet would become gigabytes.
struct PlaceholderCheck {
    private let storage: [UInt8]
    /// Whether a placeholder refers to the attachment, for each attachment.
    private var isReferenced: [Bool]

    /// - Parameters:
    ///   - storage: The array that contains the JSON.
    ///   - attachments: The number of the packet's attachments.
    init(_ storage: [UInt8], attachments: Int) {
        self.storage = storage
        isReferenced = [Bool](repeating: false, count: attachments)
    }

    /// Returns true if all placeholders in the valid JSON at `range` are valid.
    mutating func passes(in range: Range<Int>) -> Bool {
        var scanner = PlaceholderScanner(storage, attachments: isReferenced.count)
        return scanner.scan(range) { _, number in
            guard let number, !isReferenced[number] else { return false }
            isReferenced[number] = true
            return true
        }
    }
}
