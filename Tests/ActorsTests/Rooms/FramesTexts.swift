@testable import Transport

extension Frames {
    /// The payload of each frame as text.
    var texts: [String] {
        bounds.map { String(decoding: bytes[Int($0.payloadStart)..<Int($0.end)], as: UTF8.self) }
    }
}
