import Actors
import Transport

/// The Unix domain socket on which a server takes its operator's commands.
package struct CommandSocket: Sendable {
    /// The socket could not be opened.
    package struct BindError: Error, CustomStringConvertible {
        package let cause: ListeningSocket.BindError

        package var description: String { "\(cause)" }
    }

    /// The address of the socket.
    package var address: SocketAddress
    /// True if the server must not start without it. Otherwise a failure is only reported.
    package var isRequired: Bool
    /// The events between servers that the operators of other hosts send, and to which this one has nothing to say.
    package var silentEvents: [String]
    /// Answers the body of a request of a user, whose number is nil if unknown. Called on the loop.
    package var answer: @Sendable (_ request: [UInt8], _ user: UInt32?, _ access: CommandAccess) async -> HTTPResponse

    package init(
        address: SocketAddress, isRequired: Bool, silentEvents: [String] = [],
        answer:
            @escaping @Sendable (
                _ request: [UInt8], _ user: UInt32?, _ access: CommandAccess
            ) async -> HTTPResponse
    ) {
        self.address = address
        self.isRequired = isRequired
        self.silentEvents = silentEvents
        self.answer = answer
    }
}

/// What an operator's commands act on.
package struct CommandAccess: Sendable {
    /// A server without clients that is attached to the hub, like any worker. Through it, commands reach the sockets of
    /// all workers and hosts.
    package let server: SocketServer
    /// The counters of this process.
    package let counters: @Sendable () async -> (hub: Hub.Counters?, workers: WorkerCounters?)
    /// Deletes stored messages, so that no worker delivers them any more.
    package let delete: @Sendable (_ ids: [Int64]) async throws(DeletionError) -> HubDeletion
    /// Stops the server within its drain time, as SIGTERM does.
    package let drain: @Sendable () -> Void
}
