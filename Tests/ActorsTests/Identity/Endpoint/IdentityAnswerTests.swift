import Testing
import Transport

@testable import Actors

@Suite("Answers of a service that knows the clients")
struct IdentityAnswerTests {
    private static func answer(_ status: Int, _ body: String) -> IdentityAnswer {
        answer(status, Array(body.utf8))
    }

    private static func answer(_ status: Int, _ body: [UInt8]) -> IdentityAnswer {
        IdentityAnswer(HTTPClientResponse(status: status, body: body), maxRooms: 2)
    }

    @Test("200 with an object names the client; null is as good as nothing")
    func identity() throws {
        let body = #"{"id":"ada","name":"Ada","rooms":["a","b"],"expires":1.5,"actions":["send"],"cache":9,"x":true}"#
        let answer = Self.answer(200, body)
        guard case .identity(let identity) = answer.verdict else {
            Issue.record("\(answer)")
            return
        }
        #expect(identity.id == "ada" && identity.name == "Ada" && identity.rooms == ["a", "b"])
        #expect(identity.expires == .milliseconds(1500) && identity.actions == ["send"])
        #expect(identity.claims?["x"]?.bool == true && answer.lifetime == .seconds(9))
        #expect(identity.allows("send") && !identity.allows("history"))

        let small = Self.answer(
            200, #"{"id":"1","name":null,"rooms":null,"expires":null,"actions":null,"cache":null}"#)
        guard case .identity(let nobody) = small.verdict else {
            Issue.record("\(small)")
            return
        }
        #expect(nobody.name == nil && nobody.rooms.isEmpty && nobody.expires == nil && nobody.actions == nil)
        #expect(nobody.allows("anything") && small.lifetime == .zero)
        #expect(Self.answer(200, #"{"id":"1","cache":1e9}"#).lifetime == .seconds(3600))
    }

    @Test(
        "any other body with 200 is no answer",
        arguments: [
            "", "null", "[]", #""ada""#, "{}", #"{"id":""}"#, #"{"id":5}"#, #"{"id":"a\u0000"}"#,
            #"{"id":"\#(String(repeating: "x", count: 257))"}"#, #"{"id":"a","name":5}"#, #"{"id":"a","rooms":"b"}"#,
            #"{"id":"a","rooms":[""]}"#, #"{"id":"a","rooms":[5]}"#, #"{"id":"a","rooms":["a","b","c"]}"#,
            #"{"id":"a","expires":"1"}"#,
            #"{"id":"a","expires":-1}"#, #"{"id":"a","cache":"1"}"#, #"{"id":"a","cache":-1}"#,
            #"{"id":"a","actions":"send"}"#, #"{"id":"a","actions":[1]}"#, #"{"id":"a"} x"#,
            #"{"id":"a","actions":[\#(Array(repeating: #""x""#, count: 101).joined(separator: ","))]}"#,
        ])
    func invalid(body: String) {
        let answer = Self.answer(200, body)
        guard case .unavailable(.invalidAnswer) = answer.verdict else {
            Issue.record("\(answer)")
            return
        }
        #expect(answer.lifetime == .zero)
    }

    @Test("bytes that are not UTF-8 are no answer")
    func notUTF8() {
        let body = Array(#"{"id":""#.utf8) + [0xFF] + Array(#""}"#.utf8)
        guard case .unavailable = Self.answer(200, body).verdict else {
            Issue.record("accepted")
            return
        }
    }

    @Test(
        "401 and 403 refuse, with the message for the client",
        arguments: [
            (401, "", "unauthorized", nil), (403, "Forbidden", "unauthorized", nil), (403, "{}", "unauthorized", nil),
            (403, #"{"message":""}"#, "unauthorized", nil), (403, #"{"message":"banned"}"#, "banned", nil),
            (401, #"{"message":"who?","data":{"a":1}}"#, "who?", #"{"a":1}"#),
            (403, #"{"message":"x","data":"\#(String(repeating: "y", count: 4097))"}"#, "x", nil),
        ] as [(Int, String, String, String?)])
    func refused(status: Int, body: String, message: String, data: String?) {
        guard case .refused(let error) = Self.answer(status, body).verdict else {
            Issue.record("\(status) is no refusal")
            return
        }
        #expect(error.message == message && error.data?.description == data)
    }

    @Test("a refusal is remembered for at most five seconds, and its message is cut")
    func refusalLimits() {
        let answer = Self.answer(403, #"{"message":"\#(String(repeating: "m", count: 300))","cache":60}"#)
        #expect(answer.lifetime == .seconds(5))
        guard case .refused(let error) = answer.verdict else {
            Issue.record("no refusal")
            return
        }
        #expect(error.message.utf8.count == 256)
        #expect(Self.answer(403, #"{"cache":"x"}"#).lifetime == .zero)
    }

    @Test("any other status is no answer", arguments: [201, 204, 302, 400, 404, 405, 408, 429, 500, 502, 999])
    func statuses(status: Int) {
        for body in [#"{"id":"ada"}"#, #"{"message":"go away"}"#] {
            guard case .unavailable(.status(status)) = Self.answer(status, body).verdict else {
                Issue.record("\(status) is an answer")
                return
            }
        }
    }
}
