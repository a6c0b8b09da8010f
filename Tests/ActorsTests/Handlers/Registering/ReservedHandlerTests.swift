import Testing

@testable import Actors

@Suite("Handlers cannot be added for events that clients cannot send")
struct ReservedHandlerTests {
    @Test("a handler of a reserved name traps and names the right method")
    func reserved() async throws {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            HandlerRegistry().requireAllowed("disconnect")
        }
        let output = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
        #expect(output.contains(#"the event name "disconnect" is reserved: use onDisconnect"#))
    }

    @Test("a handler of a namespace for the name \"connection\" traps")
    func connection() async {
        await #expect(processExitsWith: .failure) {
            HandlerRegistry(reservesConnection: true).requireAllowed("connection")
        }
    }

    @Test("a socket's handler may have the name \"connection\", and any handler a name similar to a reserved one")
    func similar() {
        HandlerRegistry().requireAllowed("connection")
        for name in ["Connect", "error", "message", ""] {
            HandlerRegistry(reservesConnection: true).requireAllowed(name)
        }
    }
}
