/// Copies JSON with something else in place of its placeholders. The time is linear in the text, without recursion.
enum PlaceholderReplacement {
    /// Appends a JSON value.
    /// - Parameters:
    ///   - json: The value.
    ///   - attachmentCount: The number of attachments. Without any, placeholders are plain data.
    ///   - output: The text to append to.
    ///   - replace: Appends what stands in place of the placeholder with this number.
    static func copy(
        _ json: JSONText, attachmentCount: Int, to output: inout [UInt8], _ replace: (Int, inout [UInt8]) -> Void
    ) {
        guard attachmentCount > 0 else { return output.append(contentsOf: json.utf8) }
        let containers = JSONContainers(of: json, attachmentCount: attachmentCount).all
        let text = json.storage.span
        let end = json.range.upperBound
        var position = json.range.lowerBound
        // Everything before this offset is in the output.
        var copied = position
        var container = 0
        while position < end {
            switch text[position] {
            case UInt8(ascii: "\""):
                position = JSONWalker.endOfString(text, from: position, before: end)
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                guard let attachment = containers[container].attachment else {
                    container += 1
                    position += 1
                    continue
                }
                output.append(copying: text.extracting(copied..<position))
                replace(attachment, &output)
                position = containers[container].end
                copied = position
                container = containers[container].next
            default:
                position += 1
            }
        }
        output.append(copying: text.extracting(copied..<end))
    }
}
