import Foundation
import TestSupport
import Testing

@testable import Actors

/// A random value with every kind of part that the coder treats in its own way.
private struct Sample: Codable, Equatable {
    var value: JSONText
    var texts: [String: String]
    var numbers: [Double]
    var integers: [[Int64]]
    var bytes: [[UInt8]?]
    var nested: [Sample]

    init(depth: Int, using generator: inout SplitMix64) {
        func list<Element>(_ make: (inout SplitMix64) -> Element) -> [Element] {
            (0..<Int.random(in: 0..<4, using: &generator)).map { _ in make(&generator) }
        }
        value = JSONRandomValue.make(depth: 2, using: &generator).text
        let pairs = list {
            (JSONRandomValue.randomString(using: &$0), JSONRandomValue.randomString(using: &$0))
        }
        texts = Dictionary(pairs) { _, last in last }
        numbers = list { Double(Int64(bitPattern: $0.next())) / Double($0.next() >> 30 + 1) }
        integers = list { generator in [Int64(bitPattern: generator.next() >> (generator.next() & 63))] }
        bytes = list { $0.next().isMultiple(of: 3) ? nil : withUnsafeBytes(of: $0.next(), Array.init) }
        nested = []
        guard depth > 0 else { return }
        for _ in 0..<Int.random(in: 0..<3, using: &generator) {
            nested.append(Sample(depth: depth - 1, using: &generator))
        }
    }
}

@Suite("Coding of random values")
struct CodingPropertyTests {
    @Test("random values pass through arguments unchanged", arguments: 1...8 as ClosedRange<UInt64>)
    func arguments(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        for _ in 0..<20 {
            let samples = (Sample(depth: 2, using: &generator), Sample(depth: 1, using: &generator))
            let sent = try Arguments(encoding: samples.0, samples.1)
            let received = try Arguments(slice: Array(sent.slice), attachments: sent.attachments)
            let decoded = try received.decode(Sample.self, Sample.self)
            #expect(decoded == samples)
        }
    }

    @Test("Foundation reads the encoded text, and its text decodes", arguments: 1...8 as ClosedRange<UInt64>)
    func foundation(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        let decoder = JSONDecoder()
        let encoder = JSONEncoder()
        for _ in 0..<20 {
            let sample = Sample(depth: 2, using: &generator)
            let ours = try JSONText(encoding: sample)
            // A passenger's order of members does not survive Foundation, so that the texts cannot be equal.
            let read = try decoder.decode(Sample.self, from: Data(ours.utf8))
            #expect(read.numbers == sample.numbers && read.integers == sample.integers && read.texts == sample.texts)
            #expect(read.bytes == sample.bytes && read.nested.count == sample.nested.count)
            let theirs = try JSONText(validating: Array(encoder.encode(sample)))
            let decoded = try theirs.decode(Sample.self)
            #expect(decoded.bytes == sample.bytes && decoded.texts == sample.texts)
            let object = try JSONSerialization.jsonObject(with: Data(ours.utf8)) as? NSDictionary
            let other = try JSONSerialization.jsonObject(with: Data(theirs.utf8)) as? NSDictionary
            #expect(object == other)
        }
    }

    @Test("JSONSerialization and the decoder find the same values", arguments: 1...8 as ClosedRange<UInt64>)
    func serialization(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        for _ in 0..<60 {
            let value = JSONRandomValue.make(depth: 4, using: &generator)
            let object = try JSONSerialization.jsonObject(with: Data(value.text.utf8), options: .fragmentsAllowed)
            let written = try JSONSerialization.data(withJSONObject: object, options: .fragmentsAllowed)
            let text = try JSONText(validating: Array(written))
            #expect(value.matches(text))
            #expect(value.matches(try text.decode(JSONText.self)))
        }
    }

    @Test("mutated input decodes or throws, in agreement with JSONDecoder", arguments: 1...8 as ClosedRange<UInt64>)
    func mutations(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        let decoder = JSONDecoder()
        var decodedCount = 0
        for _ in 0..<300 {
            let sample = Sample(depth: 1, using: &generator)
            let bytes = JSONMutation.mutate(Array(try JSONText(encoding: sample).utf8), using: &generator)
            guard String(validating: bytes, as: UTF8.self) != nil, let text = try? JSONText(validating: bytes) else {
                continue
            }
            let ours = try? text.decode(Parsed.self)
            let theirs = try? decoder.decode(Parsed.self, from: Data(bytes))
            // JavaScript and this decoder accept lone surrogates, which JSONDecoder refuses.
            if theirs != nil { #expect(ours == theirs, "\(text)") }
            if (try? text.decode(Sample.self)) != nil { decodedCount += 1 }
        }
        #expect(decodedCount > 0)
    }

    @Test("mutated packets with attachments decode or throw", arguments: 1...8 as ClosedRange<UInt64>)
    func mutatedPlaceholders(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        for _ in 0..<300 {
            let sent = try Arguments(encoding: Sample(depth: 1, using: &generator), [UInt8]([1]))
            let slice = JSONMutation.mutate(Array(sent.slice), using: &generator)
            guard let received = try? Arguments(slice: slice, attachments: sent.attachments) else { continue }
            do {
                let again = try Arguments(encoding: received.decode(Sample.self, at: 0), [UInt8]([1]))
                #expect(again.attachments.count <= slice.count)
            } catch {
                #expect(error is ArgumentError || error is EncodingError)
            }
        }
    }
}

/// Any JSON value, decoded by trial.
private indirect enum Parsed: Codable, Equatable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([Parsed])
    case object([String: Parsed])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([Parsed].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: Parsed].self))
        }
    }
}
