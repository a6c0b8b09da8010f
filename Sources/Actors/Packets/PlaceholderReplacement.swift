/// Copies JSON with something else in place of its placeholders. The time is linear in the text, without recursion.
enum PlaceholderReplacement {
    /// Appends a JSON value.
    /// - Parameters:
    ///   - json: The value.
    ///   - attachmentCount: The number of attachments. A placeholder that refers to none is plain data.
    ///   - output: The text to append to.
    ///   - replace: Appends what stands in place of the placeholder with this number.
    static func copy(
        _ json: JSONText, attachmentCount: Int, to output: inout [UInt8], _ replace: (Int, inout [UInt8]) -> Void
    ) {
        let text = json.storage.span
        var position = json.range.lowerBound
        for placeholder in placeholders(in: json, attachmentCount: attachmentCount) {
            output.append(copying: text.extracting(position..<placeholder.range.lowerBound))
            replace(placeholder.number, &output)
            position = placeholder.range.upperBound
        }
        output.append(copying: text.extracting(position..<json.range.upperBound))
    }

    /// The outermost placeholders, in the order of the text.
    private static func placeholders(in json: JSONText, attachmentCount: Int) -> [(range: Range<Int>, number: Int)] {
        guard attachmentCount > 0 else { return [] }
        var placeholders: [(range: Range<Int>, number: Int)] = []
        var scanner = PlaceholderScanner(json.storage, attachments: attachmentCount)
        _ = scanner.scan(json.range) { range, number in
            guard let number else { return true }
            // The placeholders that this one contains end before it.
            while let last = placeholders.last, last.range.lowerBound > range.lowerBound { placeholders.removeLast() }
            placeholders.append((range, number))
            return true
        }
        return placeholders
    }
}
