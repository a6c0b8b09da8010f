import TestSupport
import Testing

@testable import Actors

@Suite("MessagePack with random bytes and values")
struct MessagePackFuzzTests {
    private static let seeds = [
        "<83 a4>type<00 a4>data<81 a5>token<a1>x<a3>nsp<a6>/admin",
        "<84 a4>type<02 a4>data<94 a1>m<a2>hi<81 a1>a<93 01 c3 c0 c4 01 09 a7>options<81 a1>x<c3 a3>nsp<a1>/",
        "<84 a4>type<03 a2>id<0c a4>data<92 d6 ff 39 45 79 80 d4 00 00 a3>nsp<a1>/",
        "<83 a4>type<02 a4>data<93 a1>m<cb 3f f8 00 00 00 00 00 00 d5 07 01 02 a3>nsp<a1>/",
        "<82 a4>type<01 a3>nsp<a1>/",
    ].map(packed)

    @Test(
        "a mutated packet is refused, or is the same packet after it is encoded again",
        arguments: 1...8 as ClosedRange<UInt64>)
    func mutations(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        var accepted = 0
        for round in 0..<2000 {
            let message = Self.mutate(Self.seeds[round % Self.seeds.count], using: &generator)
            guard let packet = try? messagePackPacket(message) else { continue }
            accepted += 1
            if let payload = packet.payload { _ = try JSONText(validating: Array(payload.utf8)) }
            guard case .binary(let bytes)? = MessagePackParser().encode(packet).first else { continue }
            let again = try #require(try messagePackPacket(bytes))
            #expect(again.type == packet.type && again.namespace == packet.namespace)
            #expect(again.acknowledgementID == packet.acknowledgementID && again.attachments == packet.attachments)
            #expect(MessagePackParser().encode(again) == [.binary(bytes)])
        }
        #expect(accepted > 50)
    }

    @Test("random bytes never trap, and take little memory", arguments: 1...4 as ClosedRange<UInt64>)
    func noise(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        for _ in 0..<5000 {
            let bytes = (0..<Int.random(in: 0..<40, using: &generator)).map { _ in
                // Half of the bytes begin a container, an extension or a long value.
                Bool.random(using: &generator)
                    ? UInt8.random(in: 0xC0...0xDF, using: &generator)
                    : UInt8.random(in: .min ... .max, using: &generator)
            }
            _ = try? messagePackPacket(bytes)
            if let result = try? converted(bytes) { #expect(result.json.utf8.count <= 40 * bytes.count) }
        }
    }

    @Test("random values are the same after both conversions", arguments: 1...6 as ClosedRange<UInt64>)
    func roundTrip(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        for _ in 0..<200 {
            let value = JSONRandomValue.make(depth: 4, using: &generator)
            let json = try converted(packed(json: value.text)).json
            #expect(value.matches(try JSONText(validating: Array(json.utf8))))
        }
    }

    @Test("random numbers keep every bit", arguments: 1...4 as ClosedRange<UInt64>)
    func numbers(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        for _ in 0..<500 {
            let bits = UInt64.random(in: .min ... .max, using: &generator)
            #expect(try converted(packed(json: JSONText(validating: Array("\(bits)".utf8)))).json == "\(bits)")
            let integer = Int64(bitPattern: bits)
            #expect(try converted(packed(json: JSONText(validating: Array("\(integer)".utf8)))).json == "\(integer)")
            let double = Double(bitPattern: bits)
            guard double.isFinite else { continue }
            var writer = MessagePackWriter()
            writer.append(double)
            #expect(Double(try converted(writer.bytes).json)?.bitPattern == bits)
        }
    }

    private static func mutate(_ bytes: [UInt8], using generator: inout SplitMix64) -> [UInt8] {
        var bytes = bytes
        for _ in 0...Int.random(in: 0..<3, using: &generator) {
            let byte = UInt8.random(in: .min ... .max, using: &generator)
            let position = Int.random(in: 0...bytes.count, using: &generator)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: bytes.insert(byte, at: position)
            case 1 where position < bytes.count: bytes[position] = byte
            case 2 where position < bytes.count: bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 3 where position < bytes.count: bytes.remove(at: position)
            case 4: bytes.removeSubrange(position..<min(bytes.count, position + 3))
            default: break
            }
        }
        return bytes
    }
}
