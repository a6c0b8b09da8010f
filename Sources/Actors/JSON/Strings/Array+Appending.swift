extension [UInt8] {
    /// Appends the span's bytes with one copy.
    mutating func append(copying span: Span<UInt8>) {
        // Safe: the buffer is only read, inside the closure, while the span keeps it alive.
        span.withUnsafeBufferPointer { buffer in
            append(contentsOf: buffer)
        }
    }

    /// Appends a number in decimal digits.
    mutating func append(decimal value: UInt64) {
        let start = count
        var rest = value
        repeat {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        // `reverse` of a slice would copy it.
        var (low, high) = (start, count - 1)
        while low < high {
            swapAt(low, high)
            low += 1
            high -= 1
        }
    }
}
