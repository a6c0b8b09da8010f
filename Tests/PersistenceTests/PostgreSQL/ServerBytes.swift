/// Messages of a server, written byte by byte (PostgreSQL protocol, 55.7).
enum ServerBytes {
    static func message(_ kind: Unicode.Scalar, _ body: [UInt8] = []) -> [UInt8] {
        [UInt8(ascii: kind)] + int32(Int32(body.count + 4)) + body
    }

    static func int16(_ number: Int) -> [UInt8] {
        [UInt8(truncatingIfNeeded: number >> 8), UInt8(truncatingIfNeeded: number)]
    }

    static func int32(_ number: Int32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
    }

    static func text(_ text: String) -> [UInt8] { Array(text.utf8) + [0] }

    static let accepted = authentication(0)
    static let key = message("K", int32(77) + int32(-5))
    static let parsed = message("1")
    static let bound = message("2")
    static let closed = message("3")
    static let empty = message("I")
    static let noData = message("n")

    static func authentication(_ code: Int32, _ data: [UInt8] = []) -> [UInt8] {
        message("R", int32(code) + data)
    }

    static func setting(_ name: String, _ value: String) -> [UInt8] {
        message("S", text(name) + text(value))
    }

    /// - Parameter status: `I`, `T` or `E`.
    static func ready(_ status: Unicode.Scalar = "I") -> [UInt8] {
        message("Z", [UInt8(ascii: status)])
    }

    static func row(_ values: [String?]) -> [UInt8] {
        message("D", values.reduce(int16(values.count)) { $0 + value($1) })
    }

    private static func value(_ value: String?) -> [UInt8] {
        value.map { int32(Int32($0.utf8.count)) + Array($0.utf8) } ?? int32(-1)
    }

    /// A RowDescription with columns of type text.
    static func columns(_ names: [String], format: Int = 0) -> [UInt8] {
        message(
            "T",
            names.reduce(int16(names.count)) {
                $0 + text($1) + int32(0) + int16(0) + int32(25) + int16(-1) + int32(-1) + int16(format)
            })
    }

    static func complete(_ tag: String) -> [UInt8] { message("C", text(tag)) }

    static func error(_ code: String, _ severity: String = "ERROR", kind: Unicode.Scalar = "E") -> [UInt8] {
        let fields = ["S\(severity)", "V\(severity)", "C\(code)", "Mno luck"]
        return message(kind, fields.flatMap(text) + [0])
    }

    static func notification(_ channel: String, _ payload: String) -> [UInt8] {
        message("A", int32(42) + text(channel) + text(payload))
    }
}
