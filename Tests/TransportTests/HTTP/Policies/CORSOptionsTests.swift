import Testing

@testable import Transport

@Suite("CORS options")
struct CORSOptionsTests {
    private static let page = "http://page.example"
    private let listed = OriginPolicy.matching { $0.host == "page.example" }

    private func lines(_ headers: [(String, String)]) -> [String] { headers.map { "\($0): \($1)" } }

    @Test("a function decides about origins, with the same headers as a list")
    func function() {
        #expect(listed.allows(origin: Self.page, authority: "here:1"))
        #expect(listed.allows(origin: "https://PAGE.example:8443", authority: nil))
        #expect(listed.allows(origin: "http://here:1", authority: "here:1"), "the server's own host is always allowed")
        #expect(!listed.allows(origin: "http://other.example", authority: "here:1"))
        #expect(!listed.allows(origin: "no origin", authority: "here:1"))
        #expect(
            lines(listed.headers(origin: Self.page)) == [
                "Access-Control-Allow-Origin: \(Self.page)", "Access-Control-Allow-Credentials: true", "Vary: Origin",
            ])
        #expect(lines(listed.headers(origin: "http://other.example")) == ["Vary: Origin"])
        #expect(listed == listed && listed != OriginPolicy.matching { _ in true })
    }

    @Test("credentials may be refused to listed pages, or allowed to every page")
    func credentials() throws {
        let without = try CORSOptions(credentials: false)
        #expect(
            lines(listed.headers(origin: Self.page, without)) == [
                "Access-Control-Allow-Origin: \(Self.page)", "Vary: Origin",
            ])
        #expect(lines(OriginPolicy.any.headers(origin: Self.page, without)) == ["Access-Control-Allow-Origin: *"])
        let with = try CORSOptions(credentials: true)
        #expect(
            lines(OriginPolicy.any.headers(origin: Self.page, with)) == [
                "Access-Control-Allow-Origin: \(Self.page)", "Access-Control-Allow-Credentials: true", "Vary: Origin",
            ], "browsers refuse * with credentials")
        #expect(lines(OriginPolicy.any.headers(origin: nil, with)) == ["Vary: Origin"])
        #expect(lines(OriginPolicy.any.headers(origin: "a\u{E9}b", with)) == ["Vary: Origin"])
        #expect(OriginPolicy.sameHost.headers(origin: Self.page, with).isEmpty)
    }

    @Test("methods, headers and times of the answers")
    func contents() throws {
        let options = try CORSOptions(
            methods: [.get, .post], allowedHeaders: ["x-a", "x-b"], exposedHeaders: ["X-C", "X-D"],
            maxAge: .seconds(600))
        #expect(
            lines(OriginPolicy.any.headers(origin: Self.page, options)) == [
                "Access-Control-Allow-Origin: *", "Access-Control-Expose-Headers: X-C,X-D",
            ])
        #expect(
            lines(OriginPolicy.any.preflightHeaders(requestedHeaders: [Array("x-other".utf8)[...]], options)) == [
                "Access-Control-Allow-Methods: GET,POST", "Access-Control-Allow-Headers: x-a,x-b",
                "Access-Control-Max-Age: 600",
            ])
        let none = try CORSOptions(allowedHeaders: [])
        #expect(OriginPolicy.any.preflightHeaders(requestedHeaders: [Array("x".utf8)[...]], none).last?.1 == "")
    }

    @Test("a name that is not a token, and a status that is no success, are refused")
    func invalid() {
        #expect(throws: HTTPFields.FieldError.self) { try CORSOptions(methods: [HTTPMethod(rawValue: "A\r\nB")]) }
        #expect(throws: HTTPFields.FieldError.self) { try CORSOptions(allowedHeaders: ["a b"]) }
        #expect(throws: HTTPFields.FieldError.self) { try CORSOptions(exposedHeaders: ["a\nb: c"]) }
        #expect(throws: HTTPFields.FieldError.self) { try CORSOptions(preflightStatus: .notFound) }
    }

    @Test("the answers of a server: preflight, session, refusal")
    func server() async throws {
        var options = EngineOptions(origins: .matching { $0.host.hasSuffix(".example") })
        options.cors = try CORSOptions(credentials: false, exposedHeaders: ["X-A"], preflightStatus: .ok)
        options.use { _ in throw EngineRefusal("no request, except for preflight requests") }
        try await EngineFixture.run(options) { server in
            let preflight = try await server.answer(
                "OPTIONS", headers: ["Origin: \(Self.page)", "Access-Control-Request-Headers: x-a"])
            #expect(
                preflight.hasPrefix("HTTP/1.1 200 OK\r\nAccess-Control-Allow-Methods: GET,HEAD,PUT,PATCH,POST,DELETE"))
            #expect(preflight.contains("\r\nAccess-Control-Allow-Headers: x-a\r\n"))
            #expect(preflight.contains("\r\nAccess-Control-Allow-Origin: \(Self.page)\r\n"))
            let refused = try await server.answer(headers: ["Origin: \(Self.page)"])
            #expect(
                refused.hasPrefix("HTTP/1.1 403 ") && refused.contains("\r\nAccess-Control-Expose-Headers: X-A\r\n"))
            #expect(!refused.contains("Credentials"))
            let other = try await server.answer("OPTIONS", headers: ["Origin: http://page.invalid"])
            #expect(other.hasPrefix("HTTP/1.1 403 ") && !other.contains("Access-Control"))
        }
    }
}
