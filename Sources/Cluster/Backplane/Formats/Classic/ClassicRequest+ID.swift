extension ClassicRequest {
    /// An id of a node or of a request: six letters and digits. All are equally likely, up to one part in 2 to
    /// the power of 28.
    /// - Parameter random: 64 random bits.
    package static func makeID(random: UInt64) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
        var rest = random
        var id: [UInt8] = []
        for _ in 0..<6 {
            id.append(alphabet[Int(rest % UInt64(alphabet.count))])
            rest /= UInt64(alphabet.count)
        }
        return String(decoding: id, as: UTF8.self)
    }
}
