import Foundation
import Glibc
import TestSupport
import Testing
import Transport

@testable import Cluster

@Suite("The client of operator's commands: servers that do not answer")
struct CommandClientTests {
    /// Sends a command to a server that takes one connection.
    private static func send(_ serve: @escaping @Sendable (_ connection: CInt) -> Void) throws -> CommandClient.Failure?
    {
        let directory = try TemporaryDirectory([:])
        let address = try SocketAddress(unixPath: directory.path + "/socket")
        let socket = try ListeningSocket(binding: address, on: LinuxMachine.shared)
        defer { socket.close() }
        Thread.detachNewThread {
            var event = pollfd(fd: socket.descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&event, 1, 10_000) == 1 else { return }
            let connection = accept(socket.descriptor, nil, nil)
            serve(connection)
            close(connection)
        }
        do throws(CommandClient.Failure) {
            _ = try CommandClient(address, timeout: .seconds(10)).send(Array(repeating: 0x20, count: 1000))
            return nil
        } catch {
            return error
        }
    }

    @Test("a server that resets or ends the connection is not one that refuses the user")
    func closed() throws {
        // Closing with unread input resets the connection.
        guard case .closed = try Self.send({ _ in }) else {
            Issue.record("not closed")
            return
        }
        guard
            case .closed = try Self.send({ connection in
                var buffer = [UInt8](repeating: 0, count: 4096)
                _ = recv(connection, &buffer, buffer.count, 0)
            })
        else {
            Issue.record("not closed")
            return
        }
    }

    @Test("an answer that comes from no command has its status as the reason")
    func statuses() {
        guard case .notPermitted = CommandClient.Failure(status: 403), case .busy = CommandClient.Failure(status: 503),
            case .malformed = CommandClient.Failure(status: 200)
        else {
            Issue.record("another reason")
            return
        }
    }
}
