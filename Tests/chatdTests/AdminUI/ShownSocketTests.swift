import Actors
import Testing

@testable import chatd

@Suite("What a dashboard is shown of a client")
struct ShownSocketTests {
    private func text(_ json: JSONText) -> String { String(decoding: json.utf8, as: UTF8.self) }

    @Test("a handshake is shown without cookies, tokens and authorization")
    func handshake() throws {
        let handshake = try Handshake(
            url: "/socket.io/?EIO=4&transport=polling&token=hidden&sid=hidden&access_token=hidden",
            headers: [
                ("Host", "chat.example"), ("Cookie", "hidden"), ("Authorization", "hidden"), ("X-Api-Key", "hidden"),
                ("User-Agent", "a \"browser\""), ("Referer", "hidden"), ("ORIGIN", "https://chat.example"),
            ],
            address: "192.0.2.1", isSecure: true, auth: ["token": "hidden"], issued: .milliseconds(1_700_000_000_123))
        #expect(
            text(ShownSocket.handshake(handshake)) == #"""
                {"address":"192.0.2.1","headers":{"host":"chat.example","origin":"https://chat.example",\#
                "user-agent":"a \"browser\""},"query":{"EIO":"4","transport":"polling"},"issued":1700000000123,\#
                "secure":true,"time":"2023-11-14T22:13:20.123Z","url":"/socket.io/","xdomain":true}
                """#)
    }

    @Test("long values are shortened")
    func long() throws {
        let handshake = try Handshake(
            url: "/" + String(repeating: "a", count: 1000),
            headers: [("User-Agent", String(repeating: "b", count: 1000))])
        let shown = ShownSocket.handshake(handshake)
        #expect(shown["url"]?.string?.count == 256 && shown["headers"]?["user-agent"]?.string?.count == 256)
    }
}
