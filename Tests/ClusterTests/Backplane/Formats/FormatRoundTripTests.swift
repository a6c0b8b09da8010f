import Actors
import Testing

@testable import Cluster

@Suite("Backplane formats: what is written is read")
struct FormatRoundTripTests {
    @Test("cluster messages in every encoding", arguments: 1...4 as ClosedRange<UInt64>)
    func cluster(seed: UInt64) throws {
        var generator = FormatGenerator(seed: seed)
        for _ in 0..<500 {
            let message = generator.clusterMessage()
            #expect(try ClusterMessage(message.encoded(for: .sharded)) == message)
            #expect(try ClusterMessage(message.encoded(for: .ephemeral)) == message)
            let fields = message.streamFields().flatMap { [Array($0.name.utf8), $0.value] }
            #expect(try ClusterMessage(streamFields: fields) == message)
            let session = generator.session()
            #expect(try StreamSession(session.encoded) == session)
        }
    }

    @Test("cluster messages without binary data in PostgreSQL", arguments: 1...4 as ClosedRange<UInt64>)
    func postgres(seed: UInt64) throws {
        var generator = FormatGenerator(seed: seed, hasBinary: false)
        for _ in 0..<500 {
            let message = generator.clusterMessage()
            switch PostgresNotification.form(of: message, threshold: 300) {
            case .payload(let payload): #expect(try PostgresNotification(payload) == .message(message))
            case .row(let row): #expect(try ClusterMessage(row) == message)
            }
        }
    }

    @Test("classic broadcasts", arguments: 1...4 as ClosedRange<UInt64>)
    func broadcasts(seed: UInt64) throws {
        var generator = FormatGenerator(seed: seed)
        for _ in 0..<500 {
            let broadcast = generator.classicBroadcast()
            #expect(try ClassicBroadcast(broadcast.encoded) == broadcast)
        }
    }

    @Test("classic requests and answers", arguments: 1...4 as ClosedRange<UInt64>)
    func requests(seed: UInt64) throws {
        var generator = FormatGenerator(seed: seed, hasBinary: false)
        for _ in 0..<500 {
            let request = generator.classicRequest(namespace: "/a")
            #expect(try ClassicRequest(request.encoded(namespace: "/a"), namespace: "/a") == request)
            let response = generator.classicResponse()
            #expect(try ClassicResponse(response.encoded) == response)
        }
    }

    @Test("a part of a value has the same content, with its own numbers", arguments: 1...4 as ClosedRange<UInt64>)
    func parts(seed: UInt64) throws {
        var generator = FormatGenerator(seed: seed)
        for _ in 0..<500 {
            let value = generator.value()
            for part in (value.json.elements ?? []).map(value.part) {
                var writer = MessagePackWriter()
                part.append(to: &writer)
                #expect(try MixedValue(messagePack: writer.bytes) == part)
            }
        }
    }
}
