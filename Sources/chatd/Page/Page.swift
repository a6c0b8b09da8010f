import Transport

/// Serves the built-in page at `/`.
final class Page: HTTPRequestHandler {
    private static let headers = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Cache-Control", "no-cache"),
        (
            "Content-Security-Policy",
            "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self' ws: wss:; "
                + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        ),
        ("X-Content-Type-Options", "nosniff"),
    ]

    func handle(_ exchange: HTTPExchange) {
        let method = exchange.request.head.method
        guard method == .get || method == .head else {
            return exchange.respond(
                HTTPResponse(status: .methodNotAllowed, headers: [("Allow", "GET, HEAD")], body: []))
        }
        exchange.respond(HTTPResponse(status: .ok, headers: Self.headers, body: Array(Self.html.utf8)))
    }
}
