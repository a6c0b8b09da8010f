/// Values of simple types.
extension OptionValues {
    /// A text, or nil if it is empty.
    func optionalText(_ name: String) -> String? {
        let text = text(name)
        return text.isEmpty ? nil : text
    }

    /// - Throws: ``UsageError`` for an empty text.
    func nonEmptyText(_ name: String) throws(UsageError) -> String {
        let text = text(name)
        guard !text.isEmpty else { throw error(name, "the value is empty") }
        return text
    }

    /// The elements of a list separated by commas; nil if the option is empty. Spaces around elements and empty
    /// elements are removed.
    /// - Throws: ``UsageError`` for a list without elements.
    func list(_ name: String) throws(UsageError) -> [String]? {
        let text = text(name)
        guard !text.isEmpty else { return nil }
        let elements = text.split(separator: ",").map { element in
            String(element.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }.filter { !$0.isEmpty }
        guard !elements.isEmpty else { throw error(name, value: text, "has no elements") }
        return elements
    }

    /// - Parameter word: a word that is allowed in place of a number, for the error message.
    func integer(_ name: String, in range: ClosedRange<Int>, or word: String? = nil) throws(UsageError) -> Int {
        let text = text(name)
        guard let number = Int(text), range.contains(number) else {
            let alternative = word.map { "\($0) or " } ?? ""
            throw error(
                name, value: text,
                "is not \(alternative)a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func milliseconds(_ name: String, in range: ClosedRange<Int>) throws(UsageError) -> Duration {
        .milliseconds(try integer(name, in: range))
    }

    /// The options for the log.
    func log() throws(UsageError) -> LogOptions {
        let level = try word("log-level", of: LogLevel.allCases.map(\.rawValue))
        let format = try word("log-format", of: LogFormat.allCases.map(\.rawValue))
        return LogOptions(
            level: LogLevel(rawValue: level) ?? .info, format: LogFormat(rawValue: format) ?? .text,
            hasAccessLog: try word("access-log", of: ["off", "on"]) == "on")
    }

    /// - Throws: ``UsageError`` unless the value is one of the words.
    func word(_ name: String, of words: [String]) throws(UsageError) -> String {
        let text = text(name)
        guard words.contains(text) else {
            throw error(name, value: text, "is none of \(words.joined(separator: ", "))")
        }
        return text
    }
}
