import TestSupport

/// Applies small random changes to a text, mostly with bytes that are significant in JSON or a packet's header.
enum JSONMutation {
    private static let alphabet = Array("[]{}\",:\\u0019-+.eEtrfalsn/?b \t\n_x".utf8) + [0x00, 0x1F, 0x7F, 0xC3, 0xFF]

    static func mutate(_ text: [UInt8], using generator: inout SplitMix64) -> [UInt8] {
        var text = text
        for _ in 0...Int.random(in: 0..<3, using: &generator) {
            let byte = alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
            let position = Int.random(in: 0...text.count, using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: text.insert(byte, at: position)
            case 1 where position < text.count: text[position] = byte
            case 2 where position < text.count: text.remove(at: position)
            case 3: text.removeSubrange(position..<min(text.count, position + 3))
            default: break
            }
        }
        return text
    }
}
