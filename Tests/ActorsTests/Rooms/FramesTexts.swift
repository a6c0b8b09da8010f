@testable import Transport

extension Frames {
    /// The packets, each as text.
    var texts: [String] {
        bounds.map { String(decoding: bytes[Int($0.payloadStart)..<Int($0.end)], as: UTF8.self) }
    }
}
