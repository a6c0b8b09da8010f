/// Numbers of bytes for people.
package enum ByteCount {
    private static let units = ["KiB", "MiB", "GiB", "TiB"]

    /// The number with one decimal in the largest unit of which there is at least one: `1.5 MiB`.
    package static func text(_ count: Int64) -> String {
        guard count.magnitude >= 1024 else { return "\(count) bytes" }
        var value = Double(count) / 1024
        var unit = 0
        while value.magnitude >= 1024, unit < units.count - 1 {
            value /= 1024
            unit += 1
        }
        let tenths = Int64(value * 10)
        return "\(tenths / 10).\(tenths.magnitude % 10) \(units[unit])"
    }
}
