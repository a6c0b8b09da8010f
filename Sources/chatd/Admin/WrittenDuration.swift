/// A time that an operator writes, such as `90s`, `15m`, `1h` or `7d`.
enum WrittenDuration {
    private static let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]

    /// - Returns: nil for any other text, for zero, and for more than a hundred years.
    static func parse(_ text: String) -> Duration? {
        guard let unit = text.last.flatMap({ units[$0] }) else { return nil }
        let digits = text.dropLast()
        guard !digits.isEmpty, digits.utf8.count <= 10, digits.utf8.allSatisfy({ (48...57).contains($0) }),
            let number = Int(digits), number > 0
        else { return nil }
        let seconds = number * unit
        return seconds <= 100 * 366 * 86_400 ? .seconds(seconds) : nil
    }
}
