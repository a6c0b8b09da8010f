extension ClusterMessage {
    /// An id of a node or of a request: 16 lower-case hexadecimal digits.
    /// - Parameter random: 64 random bits.
    package static func makeID(random: UInt64) -> String {
        let digits = String(random, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
