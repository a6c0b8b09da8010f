import Testing
import Transport

@testable import Actors

@Suite("Handshake: the serverOffset and latest members of auth")
struct HandshakeTests {
    @Test(
        "serverOffset is a whole number or a string of digits",
        arguments: [
            (#"{"serverOffset":0}"#, 0),
            (#"{"serverOffset":42}"#, 42),
            (#"{"serverOffset":3.0}"#, 3), (#"{"serverOffset":3e0}"#, 3), (#"{"serverOffset":-0.0}"#, 0),
            (#"{"serverOffset":9223372036854775807}"#, Int64.max),
            (#"{"serverOffset":"0"}"#, 0),
            (#"{"serverOffset":"42"}"#, 42),
            (#"{"serverOffset":"0042"}"#, 42),
            (#"{"serverOffset":"\u0034\u0032"}"#, 42),
            (#"{"other":1,"serverOffset":7}"#, 7),
            (#"{"serverOffset":1,"serverOffset":2}"#, 2),
        ])
    func counts(auth: String, offset: Int64) throws {
        #expect(try handshake(auth: auth).serverOffset == offset)
    }

    @Test(
        "any other serverOffset is ignored",
        arguments: [
            nil, "{}", #"{"serveroffset":1}"#,
            #"{"serverOffset":null}"#, #"{"serverOffset":true}"#, #"{"serverOffset":[1]}"#, #"{"serverOffset":{}}"#,
            #"{"serverOffset":-1}"#, #"{"serverOffset":1.5}"#, #"{"serverOffset":15e-1}"#,
            #"{"serverOffset":-3.0}"#, #"{"serverOffset":1e19}"#,
            #"{"serverOffset":9223372036854775808}"#,
            #"{"serverOffset":""}"#, #"{"serverOffset":"-1"}"#, #"{"serverOffset":"+1"}"#, #"{"serverOffset":" 1"}"#,
            #"{"serverOffset":"1 "}"#, #"{"serverOffset":"1.0"}"#, #"{"serverOffset":"0x10"}"#,
            #"{"serverOffset":"undefined"}"#, #"{"serverOffset":"٣"}"#, #"{"serverOffset":"9223372036854775808"}"#,
        ])
    func ignored(auth: String?) throws {
        #expect(try handshake(auth: auth).serverOffset == nil)
    }

    @Test(
        "latest is a whole number up to 1000; any other value is ignored",
        arguments: [
            (#"{"latest":0}"#, 0), (#"{"latest":50}"#, 50), (#"{"latest":1000}"#, 1000),
            (#"{"latest":5.0}"#, 5), (#"{"latest":1e3}"#, 1000), (#"{"latest":1000.5}"#, nil),
            (#"{"latest":1001}"#, nil), (#"{"latest":-1}"#, nil), (#"{"latest":1.5}"#, nil), (#"{"latest":"5"}"#, nil),
            (#"{"latest":null}"#, nil), (#"{"latest":true}"#, nil), (#"{"latest":[5]}"#, nil), ("{}", nil), (nil, nil),
        ] as [(String?, Int?)])
    func latest(auth: String?, count: Int?) throws {
        #expect(try handshake(auth: auth).latest == count)
    }

    @Test("the origin of a web page makes a handshake cross-domain, and no handshake is encrypted")
    func request() throws {
        let own = try handshake(auth: nil)
        #expect(!own.isCrossDomain && !own.isSecure && own.issued == .zero)
        let page = try handshake(auth: nil, header: "Origin: https://page.example\r\n")
        #expect(page.isCrossDomain && !page.isSecure)
        #expect(page.url == "/socket.io/?a=b%20c" && page.query["a"] == "b c")
    }

    private func handshake(auth: String?, header: String = "") throws -> Handshake {
        var parser = HTTPRequestParser(limits: HTTPLimits(maxBody: 0))
        let bytes = Array("GET /socket.io/?a=b%20c HTTP/1.1\r\nHost: here\r\n\(header)\r\n".utf8)
        let request = try #require(try parser.parse(bytes.span.bytes).request)
        let auth = try auth.map { try JSONText(validating: Array($0.utf8)) }
        return Handshake(request: request.head, address: "127.0.0.1", auth: auth)
    }
}
