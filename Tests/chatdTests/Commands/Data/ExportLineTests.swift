import Persistence
import TestSupport
import Testing

@testable import chatd

@Suite("chatd export and import: the lines")
struct ExportLineTests {
    private static func text(_ text: String) -> SourceValue { .text(Array(text.utf8)) }

    @Test(
        "each line is one JSON object",
        arguments: [
            (
                .header(.init(messages: 3, assignedID: 7)),
                #"{"chatd":"messages","version":2,"messages":3,"assignedID":7}"#
            ),
            (
                .start(SourceStart(epoch: Array("abc".utf8), startedAt: 5, highestID: 2)),
                #"{"epoch":"abc","startedAt":5,"highestID":2}"#
            ),
            (
                .start(SourceStart(epoch: Array("abc".utf8), startedAt: 5, highestID: 2, rowLimit: 1)),
                #"{"epoch":"abc","startedAt":5,"highestID":2,"rowLimit":1}"#
            ),
            (
                .start(SourceStart(epoch: Array("abc".utf8), startedAt: 5, highestID: nil)),
                #"{"epoch":"abc","startedAt":5}"#
            ),
            (
                .message(
                    SourceRow(
                        id: 1, clientOffset: text("a-0"), content: text("é \"q\"\n\0"), createdAt: .integer(17),
                        author: text("ann"))),
                #"{"id":1,"clientOffset":"a-0","content":"é \"q\"\n\u0000","createdAt":17,"author":"ann"}"#
            ),
            (
                .message(
                    SourceRow(
                        id: 2, clientOffset: .null, content: text("a"), createdAt: .integer(17), author: text("ann"),
                        authorName: text("~Ann"))),
                #"{"id":2,"content":"a","createdAt":17,"author":"ann","authorName":"~Ann"}"#
            ),
            (
                .message(
                    SourceRow(
                        id: -9, clientOffset: .null, content: .text([0xFF]), createdAt: .real(1.5),
                        author: .blob([0]))),
                #"{"id":-9,"content":{"text":"/w=="},"createdAt":{"real":"1.5"},"author":{"blob":"AA=="}}"#
            ),
            (
                .deleted(
                    SourceTombstone(
                        key: Array("a-0".utf8), contentHash: Array(String(repeating: "0f", count: 32).utf8), id: 4,
                        deletedAt: 17)),
                #"{"deleted":"a-0","hash":"\#(String(repeating: "0f", count: 32))","id":4,"deletedAt":17}"#
            ),
            (
                .deleted(
                    SourceTombstone(
                        key: [0xFF], contentHash: Array(String(repeating: "a", count: 64).utf8), id: 1, deletedAt: 0)),
                #"{"deleted":{"text":"/w=="},"hash":"\#(String(repeating: "a", count: 64))","id":1,"deletedAt":0}"#
            ),
            (.end(messages: 3, deletedThrough: nil), #"{"end":3}"#),
            (.end(messages: 3, deletedThrough: 7), #"{"end":3,"deletedThrough":7}"#),
        ] as [(ExportLine, String)])
    func forms(line: ExportLine, text: String) throws {
        #expect(String(decoding: line.bytes, as: UTF8.self) == text + "\n")
        #expect(try ExportLine(Array(text.utf8)) == line)
    }

    @Test("an export of version 1, which has no names, is read")
    func earlierVersion() throws {
        let line = #"{"chatd":"messages","version":1,"messages":3,"assignedID":7}"#
        #expect(try ExportLine(Array(line.utf8)) == .header(.init(messages: 3, assignedID: 7)))
    }

    @Test("any row survives a round trip", arguments: 0..<50)
    func roundTrip(seed: Int) throws {
        var random = SplitMix64(seed: UInt64(seed))
        func value() -> SourceValue {
            let bytes = (0..<Int.random(in: 0...30, using: &random)).map { _ in
                Bool.random(using: &random)
                    ? UInt8.random(in: 0...127, using: &random) : .random(in: 0...255, using: &random)
            }
            switch Int.random(in: 0..<4, using: &random) {
            case 0: return .null
            case 1: return .blob(bytes)
            case 2: return .text(bytes)
            default: return .text(Array(String(decoding: bytes, as: UTF8.self).utf8))
            }
        }
        for _ in 0..<100 {
            let times: [SourceValue] = [
                .integer(.random(in: .min ... .max, using: &random)), .text([0xC3]), .blob([]), .real(-0.1),
                .real(.infinity), .real(1e300), .real(5e-300),
            ]
            let row = SourceRow(
                id: .random(in: .min ... .max, using: &random), clientOffset: value(), content: value(),
                createdAt: times.randomElement(using: &random) ?? .integer(0), author: value(), authorName: value())
            let line = ExportLine.message(row)
            #expect(!line.bytes.dropLast().contains(UInt8(ascii: "\n")))
            #expect(try ExportLine(Array(line.bytes.dropLast())) == line)
        }
    }

    @Test(
        "a line of another form is refused with a reason",
        arguments: [
            ("", "it is no JSON object"), ("[]", "it is no JSON object"), ("{\"id\":1", "it is no JSON object"),
            ("{}", "its first member is none of chatd, epoch, id, deleted, end"),
            (#"{"content":"a","id":1}"#, "its first member is none of chatd, epoch, id, deleted, end"),
            (#"{"id":1.5}"#, "id is not a whole number in its range"),
            (#"{"id":1e400}"#, "id is not a whole number in its range"),
            (#"{"id":1,"content":7}"#, "content has another form"),
            (#"{"id":1,"content":true}"#, "content has another form"),
            (#"{"id":1,"content":{"text":"?"}}"#, "content has another form"),
            (#"{"id":1,"author":{"real":"1.5"}}"#, "author has another form"),
            (#"{"id":1,"content":"a","content":"b"}"#, "content is unknown, or occurs twice"),
            (#"{"id":1,"text":"a"}"#, "text is unknown, or occurs twice"),
            (
                #"{"chatd":"messages","version":3,"messages":0,"assignedID":0}"#,
                "the export has version 3, and this chatd reads only 1 to 2"
            ),
            (#"{"chatd":"rooms","version":1}"#, "it is not the export of messages"),
            (#"{"chatd":"messages","version":1,"messages":0}"#, "assignedID is missing"),
            (#"{"end":-1}"#, "end is not a whole number in its range"),
            (#"{"epoch":1,"startedAt":1}"#, "epoch is not a string"),
            (#"{"end":1,"deletedThrough":-1}"#, "deletedThrough is not a whole number in its range"),
            (#"{"deleted":5,"hash":"","id":1,"deletedAt":1}"#, "deleted has another form"),
            (#"{"deleted":"a","hash":"0F","id":1,"deletedAt":1}"#, "hash is not a SHA-256 in hexadecimal digits"),
        ])
    func refused(text: String, reason: String) {
        #expect(throws: ExportLine.Failure(reason: reason)) { try ExportLine(Array(text.utf8)) }
    }

    @Test("bytes that are not UTF-8 are refused")
    func notUTF8() {
        #expect(throws: ExportLine.Failure(reason: "it is not UTF-8")) { try ExportLine([0x7B, 0xFF, 0x7D]) }
    }

    @Test("the estimate of the size grows exact")
    func estimate() {
        #expect(ExportCommand.status(0, of: 10, size: 50).text == "0 of 10 messages (50 bytes)")
        #expect(ExportCommand.status(5, of: 10, size: 512).text == "5 of 10 messages (512 bytes of about 1.0 KiB)")
        #expect(ExportCommand.status(12, of: 10, size: 24).text == "12 of 10 messages (24 bytes of about 24 bytes)")
    }
}
