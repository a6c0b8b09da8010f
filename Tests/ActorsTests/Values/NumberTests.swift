import TestSupport
import Testing

@testable import Actors

@Suite("Numbers in JSON")
struct NumberTests {
    @Test(
        "a Double has the text that JSON.stringify writes",
        arguments: [
            (0, "0"), (1, "1"), (-1, "-1"), (1.5, "1.5"), (0.1, "0.1"), (1e21, "1e+21"), (1.5e21, "1.5e+21"),
            (123_456_789_012_345_680_000.0, "123456789012345680000"), (1e20, "100000000000000000000"),
            (1e16, "10000000000000000"),
            (999_999_999_999_999_900_000.0, "999999999999999900000"), (1e-6, "0.000001"), (1.5e-6, "0.0000015"),
            (1e-7, "1e-7"),
            (-1.25e-7, "-1.25e-7"), (0.00001, "0.00001"), (1e-5, "0.00001"), (1.2345e-5, "0.000012345"),
            (.leastNonzeroMagnitude, "5e-324"), (1.7976931348623157e308, "1.7976931348623157e+308"),
            (9_007_199_254_740_992, "9007199254740992"),
            (4_294_967_296, "4294967296"), (1e100, "1e+100"), (-123.456, "-123.456"),
            (123456.789e15, "123456789000000000000"),
        ] as [(Double, String)])
    func doubles(value: Double, text: String) throws {
        #expect(JSONText(value)?.description == text)
        #expect(try JSONText(encoding: value).description == text)
        #expect(try JSONText(validating: Array(text.utf8)).number == value)
    }

    @Test("a Float has its own shortest digits")
    func floats() throws {
        #expect(try JSONText(encoding: Float(0.1)) == 0.1)
        #expect(try JSONText(encoding: Float(16_777_216)).description == "16777216")
        #expect(try JSONText(encoding: Float.greatestFiniteMagnitude).description == "3.4028235e+38")
        #expect(try JSONText(encoding: Float16(0.5)) == 0.5)
        #expect(throws: DecodingError.self) { try JSONText(encoding: 1e39).decode(Float.self) }
    }

    @Test("random floating-point numbers decode to the same bits", arguments: 1...4 as ClosedRange<UInt64>)
    func roundTrips(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        for _ in 0..<2_000 {
            let double = Double(bitPattern: generator.next())
            if double.isFinite {
                let text = try JSONText(validating: Array(JSONText(encoding: double).utf8))
                #expect(try text.decode(Double.self).bitPattern == double.bitPattern)
            }
            let float = Float(bitPattern: UInt32(truncatingIfNeeded: generator.next()))
            if float.isFinite {
                let text = try JSONText(validating: Array(JSONText(encoding: float).utf8))
                #expect(try text.decode(Float.self).bitPattern == float.bitPattern)
            }
        }
    }

    @Test("negative zero keeps its sign")
    func negativeZero() throws {
        #expect(try JSONText(encoding: -0.0).description == "-0")
        #expect(try JSONText(encoding: -0.0).decode(Double.self).sign == .minus)
        #expect(try JSONText(encoding: -0.0).decode(Int.self) == 0)
    }

    @Test("NaN and infinities cannot be encoded", arguments: [Double.nan, .infinity, -.infinity])
    func notFinite(value: Double) {
        #expect(JSONText(value) == nil)
        #expect(throws: EncodingError.self) { try JSONText(encoding: value) }
        #expect(throws: EncodingError.self) { try JSONText(encoding: ["a": [Float(value)]]) }
        #expect(throws: EncodingError.self) { try Arguments(encoding: 1, value) }
    }

    @Test("a number that exceeds the range of Double does not decode")
    func tooLarge() throws {
        let text = try JSONText(validating: Array("-1e400".utf8))
        #expect(text.number == nil)
        #expect(throws: DecodingError.self) { try text.decode(Double.self) }
    }

    @Test("the limits of every integer type keep their value")
    func integerLimits() throws {
        try expectLimits(Int8.self)
        try expectLimits(Int16.self)
        try expectLimits(Int32.self)
        try expectLimits(Int64.self)
        try expectLimits(Int.self)
        try expectLimits(Int128.self)
        try expectLimits(UInt8.self)
        try expectLimits(UInt16.self)
        try expectLimits(UInt32.self)
        try expectLimits(UInt64.self)
        try expectLimits(UInt.self)
        try expectLimits(UInt128.self)
    }

    private func expectLimits<Value: FixedWidthInteger & Codable>(_ type: Value.Type) throws {
        for value in [Value.min, .max] {
            let text = try JSONText(encoding: ["a": [value]])
            #expect(text.description == "{\"a\":[\(value)]}")
            #expect(try text.decode([String: [Value]].self) == ["a": [value]])
            #expect(try JSONText(encoding: value).decode(Value.self) == value)
            #expect(try JSONText(validating: Array("\(value).0e0".utf8)).decode(Value.self) == value)
        }
        for text in ["\(Value.max)0", "-\(Value.max)0", "0.5", "1e40", "1e-1", "\"1\"", "true"] {
            let json = try JSONText(validating: Array(text.utf8))
            #expect(throws: DecodingError.self) { try json.decode(Value.self) }
            #expect(throws: DecodingError.self) { try JSONText(array: [json]).decode([Value].self) }
        }
    }

    @Test("a whole number decodes from any notation", arguments: ["3", "3.0", "3e0", "30E-1", "0.3e+1"])
    func notations(text: String) throws {
        let json = try JSONText(validating: Array(text.utf8))
        #expect(try json.decode(UInt8.self) == 3)
        #expect(try json.decode(Int64.self) == 3)
        #expect(try json.decode(Double.self) == 3)
    }
}
