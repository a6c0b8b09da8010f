import Glibc
import TestSupport
import Testing
import Transport

@testable import Cluster

@Suite("Address check: whether a server could listen")
struct AddressCheckTests {
    @Test("a port is free, or in use by a process that is named, and stays as it was")
    func port() throws {
        let (sockets, _) = try ListeningSocket.bind(host: "127.0.0.1", port: 0)
        let port = sockets[0].address.port
        guard case .inUse(let owner?) = AddressCheck.port(port, ofHost: "127.0.0.1") else {
            Issue.record("the port is not in use")
            return
        }
        #expect(owner.process == getpid() && owner.isChatd)
        for socket in sockets { socket.close() }
        #expect(AddressCheck.port(port, ofHost: "127.0.0.1") == .free(missing: []))
        #expect(AddressCheck.port(port, ofHost: "127.0.0.1") == .free(missing: []))
    }

    @Test("a host that this machine does not have is unusable", arguments: ["192.0.2.1", "[x]", "[1"])
    func host(host: String) {
        guard case .unusable = AddressCheck.port(0, ofHost: host) else {
            Issue.record("the host can be used")
            return
        }
    }

    @Test(
        "two addresses overlap if one server cannot have both",
        arguments: [
            ("localhost", "localhost", true), ("localhost", "::1", true), ("127.0.0.1", "127.0.0.2", false),
            ("::", "127.0.0.1", true), ("0.0.0.0", "127.0.0.1", true), ("0.0.0.0", "::1", false), ("[x]", "[x]", false),
        ])
    func overlap(one: String, other: String, result: Bool) {
        #expect(AddressCheck.overlap((one, 1), (other, 1)) == result)
        #expect(AddressCheck.overlap((other, 1), (one, 1)) == result)
        #expect(!AddressCheck.overlap((one, 1), (other, 2)) && !AddressCheck.overlap((one, 0), (other, 0)))
    }

    @Test("a socket is in use while a process listens; the file of one that has ended is replaced at a start")
    func unixSocket() throws {
        let directory = try TemporaryDirectory(["file": ""])
        let address = try SocketAddress(unixPath: directory.path + "/socket")
        #expect(AddressCheck.unixSocket(address) == .free(missing: []))
        #expect(access(directory.path + "/socket", F_OK) != 0, "the check makes no file")
        let socket = try ListeningSocket(binding: address, on: LinuxMachine.shared)
        guard case .inUse(let owner?) = AddressCheck.unixSocket(address) else {
            Issue.record("the socket is not in use")
            return
        }
        #expect(owner.process == getpid())
        socket.close()
        #expect(AddressCheck.unixSocket(address) == .free(missing: []))
        for path in ["/file", "/none/socket"] {
            guard case .unusable = AddressCheck.unixSocket(try SocketAddress(unixPath: directory.path + path)) else {
                Issue.record("\(path) can be used")
                continue
            }
        }
    }
}
