/// The listening sockets in the kernel's tables, by the numbers that identify them (proc(5)).
enum SocketTable {
    /// The sockets that listen on a port.
    /// - Parameter table: the contents of `/proc/net/tcp` or `/proc/net/tcp6`.
    static func listening(onPort port: UInt16, in table: String) -> Set<UInt64> {
        // 0: 0100007F:0BB8 00000000:0000 0A 00000000:00000000 00:00000000 00000000 1000 0 12345 …
        lines(table).reduce(into: []) { sockets, fields in
            guard fields.count > 9, fields[3] == "0A", let colon = fields[1].lastIndex(of: ":"),
                UInt16(fields[1][fields[1].index(after: colon)...], radix: 16) == port, let socket = UInt64(fields[9])
            else { return }
            sockets.insert(socket)
        }
    }

    /// The sockets that listen on a path, or on a name with `@` in front of it.
    /// - Parameter table: the contents of `/proc/net/unix`.
    static func listening(onPath path: String, in table: String) -> Set<UInt64> {
        // 0000000000000000: 00000002 00000000 00010000 0001 01 23456 /run/chatd.sock
        lines(table).reduce(into: []) { sockets, fields in
            guard fields.count > 7, fields[3] == "00010000", fields[7...].joined(separator: " ") == path,
                let socket = UInt64(fields[6])
            else { return }
            sockets.insert(socket)
        }
    }

    private static func lines(_ table: String) -> [[Substring]] {
        table.split(separator: "\n").map { $0.split(separator: " ") }
    }
}
