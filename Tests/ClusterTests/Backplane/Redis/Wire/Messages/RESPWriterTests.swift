import Testing

@testable import Cluster

@Suite("Redis commands: encoding")
struct RESPWriterTests {
    private static func bytes(_ commands: RedisCommand...) -> [UInt8] {
        var writer = RESPWriter()
        for command in commands { writer.append(command) }
        return writer.bytes
    }

    @Test("a command is an array of bulk strings")
    func command() {
        #expect(Self.bytes(RedisCommand("PING")) == Array("*1\r\n$4\r\nPING\r\n".utf8))
        #expect(
            Self.bytes(RedisCommand("SET", "é", values: [[0, 0x0D, 0x0A], []]))
                == Array("*4\r\n$3\r\nSET\r\n$2\r\né\r\n$3\r\n\0\r\n\r\n$0\r\n\r\n".utf8))
    }

    @Test("commands follow each other")
    func pipeline() {
        let ping = Self.bytes(RedisCommand("PING"))
        #expect(Self.bytes(RedisCommand("PING"), RedisCommand("PING")) == ping + ping)
        #expect(Self.bytes().isEmpty)
    }

    @Test("random commands are read again as arrays")
    func roundTrip() {
        var generator = RESPGenerator(seed: 5)
        for _ in 0..<300 {
            let values = (0..<generator.number(in: 0...5)).map { _ in generator.bytes() }
            let command = RedisCommand("PUBLISH", values: values)
            let expected = ([Array("PUBLISH".utf8)] + values).map(RESPValue.bulk)
            #expect(RESPReading(Self.bytes(command)).values == [.array(expected)])
        }
    }
}
