import Actors
import Testing
import Transport

@testable import Cluster

@Suite("Backplane formats: events of this server")
struct EventPacketTests {
    @Test(
        "a broadcast is the same after both conversions",
        arguments: [
            ("/", #"42["hi"]"#, []), ("/", #"42["hi",1,{"a":"]"}]"#, []), ("/chat", #"42/chat,["hi"]"#, []),
            ("/", #"451-["hi",{"_placeholder":true,"num":0}]"#, [[7]]),
            ("/chat", #"452-/chat,["hi",{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}]"#, [[7], []]),
        ] as [(String, String, [[UInt8]])])
    func broadcast(namespace: String, text: String, attachments: [[UInt8]]) throws {
        let event = EncodedEvent(text: Array(text.utf8), attachments: attachments)
        let broadcast = Broadcast(
            namespace: namespace, rooms: ["a"], exceptions: ["b"], event: event, isVolatile: true)
        let packet = try #require(broadcast.packet)
        #expect(Broadcast(packet, to: broadcast.target, namespace: namespace) == broadcast)
        #expect(broadcast.target.selection(in: "/x").rooms == ["a"])
        #expect(MessageTarget(broadcast.target.selection(in: "/x")).exceptions == ["b"])
    }

    @Test("a text that is no event has no packet", arguments: ["", "4", "42", "42[]", "43[1]", "41/chat,", "42[1"])
    func noEvent(text: String) {
        #expect(EncodedEvent(text: Array(text.utf8)).arguments == nil)
    }

    @Test("only the first argument of an acknowledgement is sent")
    func first() {
        let place = FormatSamples.placeholder
        #expect(FormatSamples.value("1,2").json == 1)
        #expect(FormatSamples.value("").json.isNull)
        let second = FormatSamples.value("[\(place(1))],\(place(0))", [0], [1])
        #expect(second == FormatSamples.value("[\(place(0))]", [1]))
    }

    @Test("a description of a socket here is one of an official server, and back")
    func sockets() throws {
        let id = try #require(SessionID(FormatSamples.socketID))
        let socket = FetchedSocket(id: id, rooms: ["a", "b"], data: ["n": 1])
        let description = SocketDescription(socket)
        #expect(description.rooms == [FormatSamples.socketID, "a", "b"])
        #expect(description.handshake?.json["query"]?.kind == .object)
        #expect(FetchedSocket(description) == socket)
        let foreign = SocketDescription(id: "a", handshake: nil, rooms: [], data: MixedValue(nil))
        #expect(FetchedSocket(foreign) == nil)
        let bare = SocketDescription(id: FormatSamples.socketID, handshake: nil, rooms: [], data: MixedValue(.null))
        #expect(FetchedSocket(bare) == FetchedSocket(id: id, rooms: [], data: Optional.none))
    }
}
