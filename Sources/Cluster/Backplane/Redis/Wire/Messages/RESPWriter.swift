/// Writes commands to a server: each is an array of bulk strings (RESP protocol specification, "Sending commands to a
/// Redis server").
package struct RESPWriter {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    package mutating func append(_ command: RedisCommand) {
        append("*", command.arguments.count)
        for argument in command.arguments {
            append("$", argument.count)
            bytes += argument
            bytes += "\r\n".utf8
        }
    }

    private mutating func append(_ kind: Unicode.Scalar, _ count: Int) {
        bytes.append(UInt8(ascii: kind))
        bytes += String(count).utf8
        bytes += "\r\n".utf8
    }
}
