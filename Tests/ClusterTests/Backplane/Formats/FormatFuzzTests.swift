import Actors
import Testing

@testable import Cluster

@Suite("Backplane formats: survive arbitrary bytes")
struct FormatFuzzTests {
    private static func golden() throws -> [[UInt8]] {
        let files = ["classic.txt", "cluster.txt", "cluster-read.txt", "ephemeral.txt", "postgres.txt"]
        return try files.flatMap { try GoldenFile($0).all() } + [try GoldenFile("streams.txt").bytes(of: "session")]
    }

    /// Reads the bytes as every kind of message. What is accepted must be the same after it is written and read again.
    /// - Returns: The number of readers that accept the bytes.
    private func read(_ bytes: [UInt8]) throws -> Int {
        var accepted = 0
        if let message = accept({ () throws(FormatError) in try ClusterMessage(bytes) }) {
            accepted += 1
            #expect(try ClusterMessage(message.encoded(for: .sharded)) == message)
        }
        if let broadcast = accept({ () throws(FormatError) in try ClassicBroadcast(bytes) }) {
            accepted += 1
            // From JSON, numbers may have another notation than the one that is read from MessagePack.
            #expect(try ClassicBroadcast(broadcast.encoded).encoded == broadcast.encoded)
        }
        if let request = accept({ () throws(FormatError) in try ClassicRequest(bytes, namespace: "/") }) {
            accepted += 1
            _ = try ClassicRequest(request.encoded(namespace: "/"), namespace: "/")
        }
        if let response = accept({ () throws(FormatError) in try ClassicResponse(bytes) }) {
            accepted += 1
            _ = try ClassicResponse(response.encoded)
        }
        if let notification = accept({ () throws(FormatError) in try PostgresNotification(bytes) }) {
            accepted += 1
            if case .attachment(let reference) = notification {
                #expect(try PostgresNotification(reference.payload) == notification)
            }
        }
        if let session = accept({ () throws(FormatError) in try StreamSession(bytes) }) {
            accepted += 1
            #expect(try StreamSession(session.encoded) == session)
        }
        return accepted
    }

    /// The value, or nil if it is refused, with a description of the reason.
    private func accept<Value>(_ read: () throws(FormatError) -> Value) -> Value? {
        do {
            return try read()
        } catch {
            #expect(!error.description.isEmpty)
            return nil
        }
    }

    @Test(
        "a mutated message is refused, or the same after it is written again",
        arguments: 1...4 as ClosedRange<UInt64>)
    func mutated(seed: UInt64) throws {
        var generator = FormatGenerator(seed: seed)
        var (accepted, refused) = (0, 0)
        for message in try Self.golden() {
            for _ in 0..<40 {
                let count = try read(generator.mutate(message))
                accepted += count
                refused += count == 0 ? 1 : 0
            }
        }
        #expect(accepted > 200 && refused > 500, "\(accepted) \(refused)")
    }

    @Test("a message that is cut at any byte is refused")
    func cut() throws {
        for message in try Self.golden() {
            #expect(try read(message) > 0)
            // JSON and MessagePack of an object are never complete before their last byte. The padding of base64 may be
            // missing.
            let end = message.lastIndex { $0 != UInt8(ascii: "=") } ?? 0
            for count in 0...end { #expect(try read(Array(message[..<count])) == 0) }
        }
    }

    @Test("a message with a byte after its end is refused")
    func trailing() throws {
        for message in try Self.golden() { #expect(try read(message + [1]) == 0) }
    }

    @Test("random bytes never trap", arguments: 1...4 as ClosedRange<UInt64>)
    func noise(seed: UInt64) throws {
        var generator = FormatGenerator(seed: seed)
        let starts: [[UInt8]] = [Array("{".utf8), Array(#"{"type":3,"data":{"#.utf8), [0x84], [0x93, 0xA1, 0x61], []]
        for round in 0..<2000 {
            _ = try read(starts[round % starts.count] + generator.bytes() + generator.bytes())
        }
    }

    @Test("mutated fields of an entry never trap", arguments: 1...4 as ClosedRange<UInt64>)
    func entries(seed: UInt64) throws {
        var generator = FormatGenerator(seed: seed)
        let file = try GoldenFile("streams.txt")
        var accepted = 0
        for name in file.names.sorted() where name != "session" {
            for _ in 0..<200 {
                var fields = try file.fields(of: name)
                let position = generator.number(below: fields.count)
                fields[position] = generator.mutate(fields[position])
                if generator.flag() { fields.removeLast() }
                guard let message = try? ClusterMessage(streamFields: fields) else { continue }
                accepted += 1
                let again = message.streamFields().flatMap { [Array($0.name.utf8), $0.value] }
                #expect(try ClusterMessage(streamFields: again) == message)
            }
        }
        #expect(accepted > 20)
    }
}
