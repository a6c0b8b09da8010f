import Foundation
import Testing

@testable import Actors

@Suite("Binary data in Swift values")
struct AttachmentTests {
    private struct Upload: Codable, Equatable {
        var name: String
        var parts: [[UInt8]]
        var byName: [String: Data]
        var thumbnail: [UInt8]?
        var shape: Picture
    }

    private enum Picture: Codable, Equatable { case raw([UInt8], width: Int) }

    private let upload = Upload(
        name: "a", parts: [[1], [], [2, 3]], byName: ["x": Data([4])], thumbnail: [5], shape: .raw([6, 7], width: 1))

    @Test("bytes and Data become attachments at any depth, numbered in the order of the text")
    func encode() throws {
        let arguments = try Arguments(encoding: "m", [UInt8]([9]), upload)
        #expect(arguments.attachments == [[9], [1], [], [2, 3], [4], [5], [6, 7]])
        let p = { (number: Int) in #"{"_placeholder":true,"num":\#(number)}"# }
        #expect(
            String(decoding: arguments.slice, as: UTF8.self)
                == #""m",\#(p(0)),{"name":"a","parts":[\#(p(1)),\#(p(2)),\#(p(3))],"byName":{"x":\#(p(4))},"#
                + #""thumbnail":\#(p(5)),"shape":{"raw":{"_0":\#(p(6)),"width":1}}}"#)
        #expect(arguments[1] == .binary([9]))
    }

    @Test("attachments decode to the same values, also from a received packet")
    func decode() throws {
        let arguments = try Arguments(encoding: upload, Data([8]))
        let received = try Arguments(slice: Array(arguments.slice), attachments: arguments.attachments)
        let (first, second) = try received.decode(Upload.self, Data.self)
        #expect(first == upload)
        #expect(second == Data([8]))
        #expect(try received.decode([UInt8].self, at: 1) == [8])
        #expect(try received.decode(ContiguousArray<UInt8>?.self, at: 1) == [8])
    }

    @Test("every collection of bytes that encodes as an attachment has the same content")
    func collections() throws {
        let bytes: [UInt8] = [1, 2, 3]
        let arguments = try Arguments(
            encoding: bytes, ContiguousArray(bytes), Data(bytes)[1...], Data?(Data(bytes)), [UInt8]?.none)
        #expect(arguments.attachments == [bytes, bytes, [2, 3], bytes])
        #expect(arguments[4] == .json(.null))
    }

    @Test("a value that is sent several times has an attachment for each time, in both formats")
    func severalTimes() throws {
        let bytes: [UInt8] = [1, 2]
        let values = try Arguments(encoding: bytes, [bytes, bytes], ["a": Data(bytes)], Argument.binary(bytes))
        #expect(values.attachments == [bytes, bytes, bytes, bytes, bytes])
        let list = Arguments([.binary(bytes), .binary(bytes)])
        #expect(list.attachments == [bytes, bytes])
        for arguments in [values, list] {
            let text = encodedPacket { PacketEncoder.appendEvent("m", arguments, namespace: "/", to: &$0) }
            let packet = try #require(try decodedPacket(text, attachments: arguments.attachments))
            #expect(packet.arguments == arguments)
            guard case .binary(let message)? = MessagePackParser().encode(packet).first else {
                Issue.record("no binary message")
                continue
            }
            #expect(try messagePackPacket(message)?.arguments == arguments)
        }
        #expect(try values.decode([[UInt8]].self, at: 1) == [bytes, bytes])
    }

    @Test("bytes also decode from an array of numbers; text without attachments is written so")
    func arrayOfNumbers() throws {
        let text = try JSONText(encoding: upload)
        #expect(text["parts"] == [[1], [], [2, 3]])
        #expect(text["byName"]["x"] == [4])
        #expect(try text.decode(Upload.self) == upload)
        #expect(try Arguments(slice: Array("[1,2.0,255]".utf8)).decode([UInt8].self, at: 0) == [1, 2, 255])
        #expect(throws: ArgumentError.self) { try Arguments(slice: Array("[256]".utf8)).decode([UInt8].self, at: 0) }
    }

    @Test("an object that looks like a placeholder is plain data in a packet without attachments")
    func lookalike() throws {
        struct Lookalike: Codable, Equatable {
            var _placeholder: Bool
            var num: Int
        }
        let value = Lookalike(_placeholder: true, num: 0)
        let arguments = try Arguments(encoding: value)
        #expect(arguments.attachments.isEmpty)
        #expect(try arguments.decode(Lookalike.self, at: 0) == value)
        #expect(try arguments.decode(JSONText.self, at: 0) == ["_placeholder": true, "num": 0])
        #expect(throws: (any Error).self) { try arguments.decode([UInt8].self, at: 0) }
        // A client would replace the object by an attachment.
        #expect(throws: EncodingError.self) { try Arguments(encoding: value, [UInt8]()) }
        let text = try JSONText(encoding: [value])
        #expect(throws: EncodingError.self) { try Arguments(encoding: [UInt8](), text) }
        #expect(try Arguments(encoding: Lookalike(_placeholder: false, num: 0), [UInt8]()).count == 2)
    }

    @Test("an attachment does not decode to another type")
    func wrongType() throws {
        let arguments = try Arguments(encoding: [[UInt8]([1])])
        #expect(throws: ArgumentError.self) { try arguments.decode([String].self, at: 0) }
        #expect(throws: ArgumentError.self) { try arguments.decode([[String: Int]].self, at: 0) }
        #expect(throws: ArgumentError.self) { try arguments.decode(JSONText.self, at: 0) }
        #expect(throws: ArgumentError.self) { try arguments.decode(Argument.self, at: 0) }
        #expect(try arguments.decode([Argument].self, at: 0) == [.binary([1])])
    }

    @Test("JSON and arguments pass through a struct unchanged")
    func passengers() throws {
        struct Envelope: Codable, Equatable {
            var id: Int
            var body: JSONText
            var rest: [Argument]
            var none: JSONText?
        }
        let body = try JSONText(validating: Array(#"{ "b":1.0, "a":[ ],"b":1e0 }"#.utf8))
        let envelope = Envelope(id: 1, body: body, rest: [.binary([7]), .json(body)])
        let arguments = try Arguments(encoding: envelope)
        #expect(try arguments.decode(Envelope.self, at: 0) == envelope)
        #expect(String(decoding: arguments.slice, as: UTF8.self).contains(#""body":{ "b":1.0, "a":[ ],"b":1e0 }"#))
        let wrapped = try JSONText(encoding: ["x": JSONText.null])
        #expect(wrapped == ["x": nil])
        #expect(try wrapped.decode([String: JSONText].self) == ["x": .null])
    }

    @Test("other coders read and write JSON texts and arguments as plain values")
    func otherCoders() throws {
        let text: JSONText = ["a": [1, -2.5, true, nil, "x\n", [:], []]]
        let data = try JSONEncoder().encode(text)
        #expect(String(decoding: data, as: UTF8.self) == text.description)
        #expect(try JSONDecoder().decode(JSONText.self, from: data) == text)
        let arguments: [Argument] = [.json(text), .binary([1, 2])]
        let decoded = try JSONDecoder().decode([Argument].self, from: JSONEncoder().encode(arguments))
        #expect(decoded == [.json(text), .json([1, 2])])
    }
}
