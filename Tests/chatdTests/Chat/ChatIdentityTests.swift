import Actors
import Persistence
import Testing

@testable import ChatApplication

@Suite("Chat identity: details and author from a client's auth")
struct ChatIdentityTests {
    private static func profile(_ auth: String?) throws -> MessageProfile {
        ChatIdentity.profile(of: try Handshake(auth: try auth.map { try JSONText(validating: Array($0.utf8)) }))
    }

    @Test("a known identity is the author, whatever the client claims")
    func identity() throws {
        let auth = try JSONText(validating: Array(#"{"identity":"0123456789abcdef"}"#.utf8))
        let profile = ChatIdentity.profile(of: try Handshake(auth: auth, identity: ClientIdentity(id: "ada")))
        #expect(profile.author == Array("ada".utf8))
    }

    @Test("the name is that of the identity; without an identity, a client that asks for details chooses one")
    func names() throws {
        let auth = #"{"details":1,"identity":"0123456789abcdef","name":"Mallory"}"#
        let chosen = try #require(try Self.profile(auth).attribution)
        #expect(chosen.name == Array("Mallory".utf8) && !chosen.isProved && chosen.id?.count == 32)
        #expect(try Self.profile(#"{"details":1,"name":"Mallory"}"#).attribution?.id == nil)
        #expect(try Self.profile(#"{"name":"Mallory"}"#).attribution == nil)
        #expect(try Self.profile(#"{"details":1,"name":"a\nb"}"#).attribution == nil)

        let json = try JSONText(validating: Array(auth.utf8))
        func author(_ identity: ClientIdentity) throws -> MessageAuthor? {
            ChatIdentity.profile(of: try Handshake(auth: json, identity: identity)).attribution
        }
        let proved = try #require(try author(ClientIdentity(id: "ada", name: "Ada")))
        #expect(proved.name == Array("Ada".utf8) && proved.isProved)
        #expect(try author(ClientIdentity(id: "ada")) == MessageAuthor(id: Array("ada".utf8)))
    }

    @Test("an identity's actions say what a client may do; without them, everything is allowed")
    func actions() throws {
        for (actions, sends, reads) in [
            (nil, true, true), ([], false, false), (["send"], true, false), (["history", "x"], false, true),
        ] as [([String]?, Bool, Bool)] {
            let identity = ClientIdentity(id: "ada", actions: actions)
            #expect(ChatAction.send.isAllowed(to: identity) == sends)
            #expect(ChatIdentity.profile(of: try Handshake(identity: identity)).readsHistory == reads)
        }
        #expect(ChatAction.send.isAllowed(to: nil))
        #expect(ChatIdentity.profile(of: try Handshake()).readsHistory)
    }

    @Test(
        "only the value 1 asks for details",
        arguments: [
            (nil, false), ("{}", false), (#"{"details":1}"#, true), (#"{"details":0}"#, false),
            (#"{"details":2}"#, false), (#"{"details":true}"#, false), (#"{"details":"1"}"#, false),
            (#"{"details":null}"#, false), (#"{"details":[1]}"#, false), (#"{"details":{"details":1}}"#, false),
            (#"{"details":0,"details":1}"#, true),
        ] as [(String?, Bool)])
    func form(auth: String?, isDetailed: Bool) throws {
        #expect(try Self.profile(auth).form == (isDetailed ? .detailed : .plain))
    }

    @Test(
        "the author is the first 32 digits of the secret's SHA-256",
        arguments: [
            // printf %s SECRET | sha256sum
            ("0123456789abcdef", "9f9f5111f7b27a781f1f1ddde5ebc2dd"),
            (String(repeating: "x", count: 128), nil),
        ] as [(String, String?)])
    func author(secret: String, author: String?) throws {
        let found = try #require(try Self.profile(#"{"identity":"\#(secret)"}"#).author)
        #expect(found.count == 32)
        if let author { #expect(String(decoding: found, as: UTF8.self) == author) }
    }

    @Test("an escaped secret is the same secret")
    func escaped() throws {
        let plain = try Self.profile(#"{"identity":"0123456789abcdef"}"#)
        #expect(try Self.profile(#"{"identity":"\u0030123456789abcde\u0066"}"#) == plain)
    }

    @Test(
        "an identity other than a string of 16 to 128 characters is ignored",
        arguments: [
            (#""0123456789abcde""#, false), (#""0123456789abcdef""#, true), (#""""#, false), ("null", false),
            ("1234567890123456", false), (#"["0123456789abcdef"]"#, false),
            (#""\#(String(repeating: "x", count: 128))""#, true), (#""\#(String(repeating: "x", count: 129))""#, false),
            (#""\#(String(repeating: "👋", count: 15))""#, false), (#""\#(String(repeating: "👋", count: 16))""#, true),
            (#""\#(String(repeating: "👋", count: 128))""#, true),
            (#""\#(String(repeating: "👋", count: 129))""#, false),
            (#""\#(String(repeating: "x", count: 100_000))""#, false),
        ])
    func bounds(identity: String, isTaken: Bool) throws {
        #expect((try Self.profile("{\"identity\":\(identity)}").author != nil) == isTaken)
    }
}
