import Actors
import Testing

@testable import Cluster

@Suite("Messages that other hosts would refuse")
struct MessageLimitsTests {
    private func event(_ text: String, attachments: Int = 0, rooms: Int = 0) -> BackplaneMessage {
        .event(
            Broadcast(
                namespace: "/", rooms: (0..<rooms).map { "\($0)" }, exceptions: [],
                event: EncodedEvent(
                    text: Array("42[\"x\",\(text)]".utf8), attachments: Array(repeating: [], count: attachments)),
                isVolatile: false))
    }

    private func nested(_ depth: Int) -> String {
        String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }

    @Test("the depth counts, not the number of values or of brackets in strings")
    func depth() {
        #expect(event(nested(500)).refusal == nil)
        #expect(event(nested(501)).refusal == "nested deeper than 500 levels")
        #expect(event("[" + Array(repeating: "{}", count: 2000).joined(separator: ",") + "]").refusal == nil)
        #expect(event("[\"" + String(repeating: "[", count: 2000) + "\\\"[\"]").refusal == nil)
    }

    @Test("a message may have so many binary values and rooms, and no more")
    func counts() {
        #expect(event("[]", attachments: 1000).refusal == nil)
        #expect(event("[]", attachments: 1001).refusal == "more than 1000 binary values")
        #expect(event("[]", rooms: 65536).refusal == nil)
        #expect(event("[]", rooms: 65537).refusal == "more than 65536 rooms")
        let selection = SocketSelection(namespace: "/", rooms: [], exceptions: [])
        let rooms = Array(repeating: "r", count: 65537)
        #expect(BackplaneMessage.change(selection, .join(rooms)).refusal == "more than 65536 rooms")
    }
}
