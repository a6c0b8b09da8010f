/// The values in force, one option a line, in columns: its name, its value without secrets, and its source.
enum CheckTable {
    /// A longer value does not widen its column.
    private static let maxWidth = 40

    static func lines(_ settings: [OptionValues.Setting]) -> [String] {
        let rows = settings.map { setting in
            let value = Secrets.masked(setting.value, of: setting.option)
            return (setting.option.name, value.isEmpty ? "(empty)" : value, "\(setting.source)")
        }
        let nameWidth = rows.map(\.0.count).max() ?? 0
        let valueWidth = min(rows.map(\.1.count).max() ?? 0, maxWidth)
        return rows.map { name, value, source in
            "\(padded(name, nameWidth))  \(padded(value, valueWidth))  \(source)"
        }
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
