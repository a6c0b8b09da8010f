import Glibc
import Testing

@testable import Cluster
@testable import Transport

@Suite("Sockets of a service manager")
struct SocketActivationTests {
    private func socket(of descriptor: CInt) throws -> ListeningSocket {
        try SocketActivation.socket(of: descriptor)
    }

    @Test("a listening socket is made non-blocking and close-on-exec")
    func prepared() throws {
        let descriptor = Glibc.socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        #expect(listen(descriptor, 1) == 0)
        let socket = try socket(of: descriptor)
        #expect(socket.address.host == "0.0.0.0" && socket.address.port > 0)
        #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0 && fcntl(descriptor, F_GETFL) & O_NONBLOCK != 0)
        socket.close()
    }

    @Test("sockets that do not listen, datagram sockets and other descriptors are refused")
    func refused() throws {
        let unbound = Glibc.socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        let datagrams = Glibc.socket(AF_INET, CInt(SOCK_DGRAM.rawValue), 0)
        let pipe = try LinuxMachine.shared.makePipe(capacity: 4096)
        for descriptor in [unbound, datagrams, pipe.reading, pipe.writing] {
            #expect(throws: ServiceError.self) { try socket(of: descriptor) }
            close(descriptor)
        }
        #expect(throws: ServiceError.self) { try socket(of: -1) }
    }

    @Test("with distinct ports each worker has one socket, and a single worker has all")
    func distinct() throws {
        #expect(try SocketActivation.divide([5, 6, 7], among: 3, ports: .distinct) == [[5], [6], [7]])
        #expect(try SocketActivation.divide([5, 6], among: 1, ports: .distinct) == [[5, 6]])
    }

    @Test("with shared ports every worker has all sockets")
    func shared() throws {
        #expect(try SocketActivation.divide([5], among: 3, ports: .shared) == [[5], [5], [5]])
        #expect(try SocketActivation.divide([5, 6], among: 2, ports: .shared) == [[5, 6], [5, 6]])
    }

    @Test("with distinct ports another number of sockets than workers is a wrong command line", arguments: [1, 3])
    func mismatch(count: Int) {
        let error = #expect(throws: ServiceError.self) {
            try SocketActivation.divide(Array(0..<count), among: 2, ports: .distinct)
        }
        #expect(error?.isUsage == true)
        #expect(error?.description.contains("2 workers") == true)
    }
}
