import TestSupport
import Testing
import Transport

@testable import Cluster

@Suite("The commands for sessions that a Redis server keeps")
struct SessionScriptsTests {
    private let scripts = SessionScripts(prefix: "sessions:", stream: "stream")
    private let key = "sessions:aaaaaaaaaaaaaaaaaaaa"
    private let value = [UInt8]("value".utf8)

    private func secret() throws -> SessionID { try SessionID("a" as Character) }

    /// The arguments of a command behind its script.
    private func arguments(_ content: SessionCommand.Content) -> [String] {
        let all = scripts.command(SessionCommand(content)).arguments.map { String(decoding: $0, as: UTF8.self) }
        #expect(all[0] == "EVAL")
        return Array(all.dropFirst(2))
    }

    @Test("each command names the key of the session and that of its copy")
    func keys() throws {
        let digest = SessionDigest(of: value)
        let expected = ExpectedValue(of: "hostHOST", digests: [digest], mayBeAbsent: false)
        let (keys, mark) = (["2", key, "\(key)-chatd:taken"], "wcHBhostHOST:")
        #expect(
            try arguments(.write(secret(), value, over: ExpectedValue(of: "hostHOST"), life: .milliseconds(1500)))
                == keys + ["1", mark, "value", "1500"])
        #expect(try arguments(.check(secret(), expected)) == keys + ["0", mark, digest.text])
        #expect(try arguments(.remove(secret(), expected)) == keys + ["0", mark, digest.text])
        let end = try arguments(.end(secret(), expected, for: .seconds(60)))
        #expect(end == keys + ["0", mark, "wcHB:", "60000", digest.text])
        #expect(try arguments(.take(secret(), by: "hostHOST", copyLife: .seconds(30))) == keys + [mark, "30000"])
    }

    @Test("a copy is no session for official servers")
    func copy() throws {
        let session = StreamSession(id: "b", privateID: "a", rooms: ["b"], data: MixedValue(.null))
        let take = arguments(.take(try secret(), by: "hostHOST", copyLife: .zero))
        let mark = try #require(take.dropFirst(3).first)
        #expect(throws: Never.self) { try StreamSession(session.encoded) }
        #expect(throws: FormatError.self) { try StreamSession(Array(mark.utf8) + session.encoded) }
        // The first byte of what an official server decodes is one with which nothing in MessagePack begins.
        let decoded = Base64.decode(Array(mark.utf8.prefix(4)).span.bytes)
        #expect(decoded?.first == 0xC1)
    }

    @Test("what the answers mean, in both versions of the protocol")
    func answers() throws {
        let take = SessionCommand(.take(try secret(), by: "host", copyLife: .seconds(1)))
        func answer(_ value: RESPValue, _ command: SessionCommand) -> SessionAnswer {
            SessionScripts.answer(.success(value), to: command)
        }
        #expect(answer(.bulk(value), take) == SessionAnswer(.value(value)))
        #expect(answer(.null, take) == SessionAnswer(.value(nil)))
        for other in [RESPValue.integer(1), .array([]), .simple("OK")] {
            #expect(answer(other, take) == SessionAnswer(.value(nil)))
        }
        let check = SessionCommand(.check(try secret(), ExpectedValue(of: "host")))
        #expect(answer(.integer(1), check) == SessionAnswer(.done))
        #expect(answer(.bulk(value), check) == SessionAnswer(.other(value)))
        #expect(answer(.integer(2), check) == SessionAnswer(.taken))
        #expect(answer(.integer(0), check) == SessionAnswer(.absent))
        #expect(answer(.null, check) == SessionAnswer(.absent))
    }
}
