import Testing

@testable import Cluster

@Suite("Socket table: listening sockets in the tables of the kernel")
struct SocketTableTests {
    private static let tcp = """
          sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
           0: 0100007F:0BB8 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0 100 0
           1: 0100007F:0BB8 0100007F:D431 01 00000000:00000000 00:00000000 00000000  1000        0 4712 1 0 20 4
           2: 00000000:0BB8 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4713 1 0 100 0
           3: 00000000:0BB9 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4714 1 0 100 0
           4: broken
        """

    @Test("the sockets that listen on a port, but not its connections")
    func port() {
        #expect(SocketTable.listening(onPort: 3000, in: Self.tcp) == [4711, 4713])
        #expect(SocketTable.listening(onPort: 3002, in: Self.tcp).isEmpty)
        #expect(SocketTable.listening(onPort: 3000, in: "").isEmpty)
    }

    @Test(
        "the sockets that listen on a path or a name",
        arguments: [("/run/a b.sock", [1]), ("@chatd", [2]), ("/run/c", []), ("", [])] as [(String, Set<UInt64>)])
    func path(path: String, sockets: Set<UInt64>) {
        let table = """
            Num       RefCount Protocol Flags    Type St Inode Path
            0000000000000000: 00000002 00000000 00010000 0001 01 1 /run/a b.sock
            0000000000000000: 00000002 00000000 00010000 0001 01 2 @chatd
            0000000000000000: 00000003 00000000 00000000 0001 03 3 /run/c
            0000000000000000: 00000003 00000000 00000000 0001 03 4
            """
        #expect(SocketTable.listening(onPath: path, in: table) == sockets)
    }
}
