/// Takes a server's WebSocket frames apart again.
enum FrameReader {
    /// The texts of whole, unmasked text frames.
    static func texts(in bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var texts: [ArraySlice<UInt8>] = []
        var index = 0
        while index + 1 < bytes.count {
            var length = Int(bytes[index + 1])
            index += 2
            if length == 126 {
                length = Int(bytes[index]) << 8 | Int(bytes[index + 1])
                index += 2
            }
            texts.append(bytes[index..<index + length])
            index += length
        }
        return texts
    }
}
