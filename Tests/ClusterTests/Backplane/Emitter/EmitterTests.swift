import Actors
import Synchronization
import TestSupport
import Testing
import Transport

@testable import Cluster

@Suite("An emitter")
struct EmitterTests {
    /// Keeps what is published.
    private final class Recorder: EventPublisher {
        private let published = Mutex<[BackplaneMessage]>([])

        var messages: [BackplaneMessage] { published.withLock { $0 } }

        func publish(_ message: BackplaneMessage) async throws {
            published.withLock { $0.append(message) }
        }

        func connect() async throws {}

        func close() async {}
    }

    private let recorder = Recorder()
    private let emitter: Emitter

    init() {
        emitter = Emitter(recorder)
    }

    private func event(
        _ text: String, rooms: [String] = [], exceptions: [String] = [], isVolatile: Bool = false,
        in namespace: String = "/"
    ) -> BackplaneMessage {
        var flags = MessageFlags()
        flags.isVolatile = isVolatile
        let target = MessageTarget(rooms: rooms, exceptions: exceptions, flags: flags)
        let packet = EventPacket(EncodedArguments(text: Array(text.utf8)))
        return .event(Broadcast(packet, to: target, namespace: namespace))
    }

    @Test("an event is for the sockets of the audience")
    func events() async throws {
        try await emitter.emit("news")
        try await emitter.to("a").to(["b"]).except("c").emit("news", 1, "x")
        try await emitter.volatile.emit("news", [.json(["a": nil])])
        try await emitter.to("a").of("chat").emit("news")
        try await emitter.of("/chat").to("a").emit("news")
        #expect(
            recorder.messages == [
                event(#""news""#), event(#""news",1,"x""#, rooms: ["a", "b"], exceptions: ["c"]),
                event(#""news",{"a":null}"#, isVolatile: true), event(#""news""#, in: "/chat"),
                event(#""news""#, rooms: ["a"], in: "/chat"),
            ])
    }

    @Test("changes are for the sockets of the audience")
    func changes() async throws {
        try await emitter.to("a").except("b").socketsJoin("r", "s")
        try await emitter.of("/chat").socketsLeave(["r"])
        try await emitter.disconnectSockets(close: true)
        let everyone = SocketSelection(namespace: "/", rooms: [], exceptions: [])
        #expect(
            recorder.messages == [
                .change(SocketSelection(namespace: "/", rooms: ["a"], exceptions: ["b"]), .join(["r", "s"])),
                .change(SocketSelection(namespace: "/chat", rooms: [], exceptions: []), .leave(["r"])),
                .change(everyone, .disconnect(close: true)),
            ])
    }

    @Test("an event for servers")
    func serverEvents() async throws {
        try await emitter.of("/chat").serverSideEmit("told", "x", 2)
        let arguments = EncodedArguments(text: Array(#""x",2"#.utf8))
        #expect(
            recorder.messages == [.serverEvent(ServerEvent(namespace: "/chat", name: "told", arguments: arguments))])
    }

    @Test("an empty list of rooms addresses nobody")
    func nobody() async throws {
        try await emitter.to([]).emit("news")
        try await emitter.to([]).socketsJoin("r")
        try await emitter.to([]).disconnectSockets()
        #expect(recorder.messages == [])
    }

    @Test("what servers would refuse is an error", arguments: ["connect", "disconnect"])
    func refusals(name: String) async throws {
        let reserved = EmitterError.invalidEvent("the name \"\(name)\" is reserved")
        await #expect(throws: reserved) { try await emitter.emit(name) }
        await #expect(throws: reserved) { try await emitter.serverSideEmit(name) }
        let rooms = (0...BackplaneMessage.maxRooms).map { "\($0)" }
        await #expect(throws: EmitterError.invalidEvent("more than 65536 rooms")) {
            try await emitter.to(rooms).emit("news")
        }
        await #expect(throws: EmitterError.self) {
            try await emitter.of(String(repeating: "x", count: 5000)).emit("news")
        }
        #expect(recorder.messages == [])
    }

    @Test(
        "an URL that cannot be used is an error, which does not show a password",
        arguments: ["redis://h?sentinel=", "http://u:secret@h", "redis://u:secret@h:x", ""])
    func urls(url: String) throws {
        let error = try #require(throws: EmitterError.self) { _ = try Emitter(url) }
        #expect(!error.description.contains("secret"))
        guard case .invalidURL = error else {
            Issue.record("\(error)")
            return
        }
    }

    @Test("the bytes of the official emitter, with both forms of pub/sub")
    func official() throws {
        let selection = SocketSelection(namespace: "/n", rooms: ["a"], exceptions: [])
        let change = BackplaneMessage.change(selection, .join(["r"]))
        let event = event(#""news",1"#, rooms: ["a"], in: "/n")
        func encode(_ message: BackplaneMessage, _ pubSub: RedisPubSub) throws -> (channel: String, payload: [UInt8]) {
            let dialect = pubSub.dialect(of: "/n", prefix: "p", uid: ClusterMessage.emitterID, random: 0)
            return try #require(dialect.encode(message, nil))
        }
        let classic = try encode(change, .classic)
        #expect(classic.channel == "p-request#/n#")
        let text = #"{"type":2,"opts":{"rooms":["a"],"except":[]},"rooms":["r"]}"#
        #expect(String(decoding: classic.payload, as: UTF8.self) == text)
        let broadcast = try encode(event, .classic)
        #expect(broadcast.channel == "p#/n#a#")
        #expect(try ClassicBroadcast(broadcast.payload).uid == "emitter")
        let sharded = try encode(event, .sharded(.dynamic))
        #expect(sharded.channel == "p#/n#")
        let json =
            #"{"type":3,"data":{"packet":{"type":2,"data":["news",1]},"opts":{"rooms":["a"],"except":[]}},"#
            + #""uid":"emitter","nsp":"/n"}"#
        #expect(String(decoding: sharded.payload, as: UTF8.self) == json)
    }
}

@Suite("An emitter without a server")
struct UnreachableEmitterTests {
    /// A port at which nothing listens.
    private static let url = "redis://:secret@127.0.0.1:1"

    @Test("a call fails when its time is up, with the reason and without the password")
    func unreachable() async throws {
        // On a busy machine, the time may be up before the first attempt to connect has failed. Then it is longer.
        var timeout = Duration.milliseconds(300)
        while true {
            let reason = try await reasonOfFailure(timeout: timeout)
            #expect(!reason.contains("secret"))
            if reason.contains("127.0.0.1:1") { return }
            try #require(timeout < .seconds(60), "\(reason)")
            timeout *= 10
        }
    }

    /// Calls an emitter until its time is up.
    private func reasonOfFailure(timeout: Duration) async throws -> String {
        let emitter = try Emitter(Self.url, timeout: timeout)
        let start = ContinuousClock.now
        let error = await #expect(throws: EmitterError.self) { try await emitter.emit("news") }
        // The time of a loop is that of the beginning of its turn, which is earlier than the call.
        #expect(ContinuousClock.now - start >= timeout / 2)
        await emitter.close()
        guard case .unreachable(let reason)? = error else {
            throw UnexpectedError(text: "\(String(describing: error))")
        }
        return reason
    }

    private struct UnexpectedError: Error {
        let text: String
    }

    @Test("a cancelled call ends at once")
    func cancelled() async throws {
        let emitter = try Emitter(Self.url, timeout: .seconds(3600))
        let task = Task { try await emitter.emit("news") }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        await emitter.close()
    }

    @Test("closing ends the calls that wait, and later ones")
    func closed() async throws {
        let emitter = try Emitter(Self.url, timeout: .seconds(3600))
        let task = Task { try await emitter.emit("news") }
        await emitter.close()
        await #expect(throws: EmitterError.closed) { try await task.value }
        await #expect(throws: EmitterError.closed) { try await emitter.emit("news") }
        await emitter.close()
    }

    @Test("more bytes than the limit do not wait")
    func bounded() async throws {
        let emitter = try Emitter(Self.url, timeout: .seconds(3600))
        let data = Argument.binary([UInt8](repeating: 1, count: PublishQueue<RedisCommand>.limit))
        await withTaskGroup(of: EmitterError?.self) { group in
            for _ in 1...2 {
                group.addTask {
                    do {
                        try await emitter.emit("news", [data])
                        return nil
                    } catch {
                        return error as? EmitterError
                    }
                }
            }
            #expect(await group.next() == .tooMuchWaits(limit: PublishQueue<RedisCommand>.limit))
            await emitter.close()
            #expect(await group.next() == .closed)
        }
    }
}
