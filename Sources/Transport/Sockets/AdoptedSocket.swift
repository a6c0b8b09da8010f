import Synchronization

/// A connection that other code has accepted, and the bytes that it has received on it. It is closed if nobody takes
/// its descriptor.
package final class AdoptedSocket: Sendable {
    /// The peer's numeric address; empty for a Unix domain socket.
    let peer: String
    /// True if only programs on this machine can reach the local address.
    let isLoopback: Bool
    /// The bytes that were received before.
    package let received: [UInt8]
    private let descriptor: Mutex<CInt?>

    /// Takes ownership of a connected stream socket, and prepares it for a loop.
    /// - Parameters:
    ///   - descriptor: the socket. It is closed if the initializer throws.
    ///   - received: the bytes that were received on it.
    ///   - peer: the peer's address, if it is not the socket's.
    /// - Throws: ``SystemError`` if the descriptor is not a connected stream socket.
    package init(_ descriptor: CInt, received: [UInt8], peer: String?) throws(SystemError) {
        do {
            let addresses = try LinuxMachine.shared.prepareConnection(descriptor)
            self.peer = peer ?? addresses.peer
            isLoopback = addresses.local?.isLoopback ?? false
        } catch {
            LinuxMachine.shared.close(descriptor)
            throw error
        }
        self.received = received
        self.descriptor = Mutex(descriptor)
    }

    deinit {
        if let descriptor = take() { LinuxMachine.shared.close(descriptor) }
    }

    /// Passes ownership of the descriptor to the caller. nil if it was taken before.
    func take() -> CInt? {
        descriptor.withLock { $0.take() }
    }
}
