import Cluster

func makeServerForPages() throws -> SocketServer {
    // docs: begin
    var engine = EngineOptions(path: "/live/", pingInterval: .seconds(10), maxPayload: 100_000)
    engine.origins = .sameHostAnd([try WebOrigin("https://app.example")])
    engine.cors = try CORSOptions(allowedHeaders: ["authorization"], maxAge: .seconds(600))
    engine.cookie = try SessionCookie(name: "io", isSecure: true)
    engine.transports = .webSocket
    engine.allowRequest { request in
        guard request.head.headers["authorization"] != nil else { throw EngineRefusal("no token") }
    }
    engine.use { request in
        try request.responseHeaders.set("x-served-by", "chat")
    }
    let server = SocketServer(ServerOptions(engine: engine, connectTimeout: .seconds(10)))
    // docs: end
    return server
}

func makeServerForManyPages() -> SocketServer {
    // docs: begin
    var engine = EngineOptions()
    engine.origins = .matching { origin in
        origin.scheme == "https" && origin.host.hasSuffix(".app.example")
    }
    // docs: end
    return SocketServer(ServerOptions(engine: engine))
}

func makeServerBehindProxy() throws -> SocketServer {
    // docs: begin
    let hosts = ["chat.example", "*.chat.example"].compactMap { HostPattern($0) }
    let proxies = try TrustedProxies("loopback, 10.0.0.0/8")
    let server = SocketServer(ServerOptions(hosts: .names(hosts), trustedProxies: proxies))
    // docs: end
    return server
}

func makeServerWithReports() -> SocketServer {
    // docs: begin
    let server = SocketServer(report: { report in
        switch report {
        case .handlerFailed(let error, let namespace):
            print("a handler of \(namespace) failed: \(error)")
        case .refused(.engineRefused(let refused)):
            print("refused \(refused.request.address): \(refused.message), \(refused.context)")
        default:
            print(report)
        }
    })
    // docs: end
    return server
}
