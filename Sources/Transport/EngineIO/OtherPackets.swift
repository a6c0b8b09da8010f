/// Packets of a client that carry no message for the application, such as pongs, and repeats of POSTs, as far as they
/// are not counted yet.
struct OtherPackets {
    private(set) var count = 0
    /// Their size, in bytes.
    private(set) var byteCount = 0

    mutating func add(byteCount: Int) {
        count += 1
        self.byteCount += byteCount
    }
}
