/// Binary data that can be told from any other: it is made of the number of what it belongs to.
enum Blob {
    /// What belongs to a number, in order. Three of four numbers have nothing.
    static func all(of number: Int) -> [[UInt8]] {
        guard number % 4 == 0 else { return [] }
        return (0...number / 4 % 3).map { bytes(of: number, $0) }
    }

    private static func bytes(of number: Int, _ index: Int) -> [UInt8] {
        (0..<(number * 7 + index * 13) % 100).map { UInt8(truncatingIfNeeded: number &* 31 &+ index &* 17 &+ $0 &* 29) }
    }
}
