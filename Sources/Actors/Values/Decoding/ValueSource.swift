/// A JSON value that is being decoded, and the options for it. All its decoders share one source.
final class ValueSource {
    let text: JSONText
    let outline: JSONOutline
    let attachments: [[UInt8]]
    let coding: ValueCoding

    /// - Parameters:
    ///   - text: The JSON.
    ///   - attachments: The attachments that placeholders refer to. If empty, placeholders are plain data.
    ///   - coding: The options.
    /// - Throws: `JSONError` if the text exceeds a limit of `JSONScanner`.
    init(_ text: JSONText, attachments: [[UInt8]], _ coding: ValueCoding) throws(JSONError) {
        self.text = text
        self.outline = try JSONOutline(of: text.storage.span, in: text.range)
        self.attachments = attachments
        self.coding = coding
    }

    /// The JSON of the value at this position of the outline.
    func text(of index: Int) -> JSONText {
        JSONText(validated: text.storage, in: outline.range(of: index))
    }

    /// The attachment that the value stands for, or nil if it is not a placeholder.
    func attachment(of index: Int) -> [UInt8]? {
        guard !attachments.isEmpty, text(of: index).kind == .object else { return nil }
        var isPlaceholder = false
        var number: Int?
        let contents = outline.contents(of: index)
        for position in stride(from: 0, to: contents.count - 1, by: 2) {
            let name = text(of: contents[position])
            if name.isString(Placeholder.flag) {
                isPlaceholder = text(of: contents[position + 1]).kind == .true
            } else if name.isString(Placeholder.num) {
                number = text(of: contents[position + 1]).integer
            }
        }
        guard isPlaceholder, let number, attachments.indices.contains(number) else { return nil }
        return attachments[number]
    }

    /// True if placeholders inside the value refer to attachments.
    func containsAttachments(in index: Int) -> Bool {
        guard !attachments.isEmpty else { return false }
        var check = PlaceholderCheck(text.storage, attachments: 0)
        return !check.passes(in: outline.range(of: index))
    }
}
