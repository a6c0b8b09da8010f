/// What stands in a binary packet's JSON where an attachment belongs: `{"_placeholder":true,"num":N}`.
///
/// As in the official implementation, any object whose `_placeholder` is `true` is one, at any depth and whatever
/// else is in it, and of several members with one name the last counts.
enum Placeholder {
    static let flag = "_placeholder"
    static let num = "num"

    /// Appends the placeholder of attachment `number`, with its keys in the order that clients expect.
    static func append(number: Int, to output: inout [UInt8]) {
        output.append(contentsOf: #"{"_placeholder":true,"num":"#.utf8)
        output.append(decimal: UInt64(number.magnitude))
        output.append(UInt8(ascii: "}"))
    }

    /// The number of the attachment that `text` stands for, or nil when it is no placeholder.
    static func number(in text: JSONText) -> Int? {
        text[member: flag]?.bool == true ? text[member: num]?.integer : nil
    }
}
