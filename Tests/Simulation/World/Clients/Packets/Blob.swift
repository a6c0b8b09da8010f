/// Binary data derived from an event number, so that each piece can be identified.
enum Blob {
    /// The binary data of an event number, in order. Three of four numbers have none.
    static func all(of number: Int) -> [[UInt8]] {
        guard number % 4 == 0 else { return [] }
        return (0...number / 4 % 3).map { bytes(of: number, $0) }
    }

    private static func bytes(of number: Int, _ index: Int) -> [UInt8] {
        (0..<(number * 7 + index * 13) % 100).map { UInt8(truncatingIfNeeded: number &* 31 &+ index &* 17 &+ $0 &* 29) }
    }
}
