/// Ids of nodes and of requests, made of 64 random bits.
package enum BackplaneIDs {
    /// 16 lower-case hexadecimal digits, for ``ClusterMessage``.
    package static func cluster(random: UInt64) -> String {
        let digits = String(random, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// Six letters and digits, for ``ClassicRequest``. The 62 characters are equally likely up to one part in 2 to the
    /// power of 28.
    package static func classic(random: UInt64) -> String {
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
