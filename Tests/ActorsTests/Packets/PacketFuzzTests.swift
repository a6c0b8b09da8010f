import TestSupport
import Testing

@testable import Actors

@Suite("Packets with random bytes and values")
struct PacketFuzzTests {
    private static let seeds = [
        #"0{"token":"x"}"#, "0/custom,", #"2["chat message","hello",{"a":[1,true,null]}]"#, #"2/custom,12["m",-1.5e3]"#,
        "312[1,2]",
        #"52-["m",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#,
        #"61-/a?b,3[[{"_placeholder":true,"num":0}]]"#, "1/custom",
        #"50-["m"]"#, #"2["\u0063onnect"]"#,
    ].map { Array($0.utf8) }

    @Test(
        "a mutated packet is rejected, or decodes to the same packet after it is encoded again",
        arguments: 1...8 as ClosedRange<UInt64>)
    func mutations(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        let attachments: [[UInt8]] = (0..<10).map { [$0] }
        var accepted = 0
        for round in 0..<1500 {
            let message = JSONMutation.mutate(Self.seeds[round % Self.seeds.count], using: &generator)
            guard let packet = try? decodedPacket([UInt8(ascii: "4")] + message, attachments: attachments) else {
                continue
            }
            accepted += 1
            if packet.type == .connect || packet.type == .disconnect { continue }
            try expectSameAfterEncoding(packet)
        }
        #expect(accepted > 50)
    }

    @Test("random bytes never trap", arguments: 1...4 as ClosedRange<UInt64>)
    func noise(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        var decoder = PacketDecoder()
        for _ in 0..<2000 {
            let count = Int.random(in: 0..<12, using: &generator)
            let bytes = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            if Bool.random(using: &generator) {
                let header = Array("0123456/[".utf8).randomElement(using: &generator) ?? 0
                let prefix = [UInt8](repeating: header, count: Int.random(in: 1..<3, using: &generator))
                _ = try? decoder.receive(.text(prefix + bytes))
            } else {
                _ = try? decoder.receive(.binary(bytes))
            }
        }
        #expect(MemoryLayout.size(ofValue: decoder) <= 16)
    }

    @Test("random events decode to the same events", arguments: 1...6 as ClosedRange<UInt64>)
    func roundTrip(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        for _ in 0..<50 {
            let list = (0..<Int.random(in: 0..<7, using: &generator)).map { _ in
                Int.random(in: 0..<4, using: &generator) == 0
                    ? Argument.binary([UInt8.random(in: .min ... .max, using: &generator)])
                    : Argument.json(JSONRandomValue.make(depth: 2, using: &generator).text)
            }
            let name = JSONRandomValue.randomString(using: &generator)
            let id =
                Bool.random(using: &generator) ? UInt64.random(in: 0..<1_000_000_000_000_000, using: &generator) : nil
            let arguments = Arguments(list)
            var message: [UInt8] = [UInt8(ascii: "4")]
            PacketEncoder.appendEvent(name, arguments, acknowledgementID: id, namespace: "/räume", to: &message)
            let packet = try #require(try decodedPacket(message, attachments: arguments.attachments))
            #expect(packet.name == name)
            #expect(packet.namespace == "/räume")
            #expect(packet.acknowledgementID == id)
            #expect(packet.arguments == arguments)
            #expect(Array(packet.arguments) == list)
        }
    }

    private func expectSameAfterEncoding(_ packet: Packet) throws {
        var message = [UInt8(ascii: "4")]
        if let name = packet.eventName {
            PacketEncoder.appendEvent(
                name, packet.arguments, acknowledgementID: packet.acknowledgementID, namespace: packet.namespace,
                to: &message)
        } else {
            // An acknowledgement without an id cannot be encoded.
            guard let id = packet.acknowledgementID else { return }
            PacketEncoder.appendAcknowledgement(id, packet.arguments, namespace: packet.namespace, to: &message)
        }
        let again = try #require(try decodedPacket(message, attachments: packet.attachments))
        #expect(again.type == packet.type)
        #expect(again.namespace == packet.namespace)
        #expect(again.acknowledgementID == packet.acknowledgementID)
        #expect(again.eventName == packet.eventName)
        #expect(again.arguments == packet.arguments)
        #expect(Array(again.arguments) == Array(packet.arguments))
    }
}
