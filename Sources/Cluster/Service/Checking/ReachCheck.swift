import Transport

/// Checks whether a service accepts connections.
package enum ReachCheck {
    /// Connects and closes. Blocks the thread.
    /// - Parameters:
    ///   - addresses: the service's, in the order in which to try them.
    ///   - timeout: the longest time for each address.
    /// - Returns: the reason why none of the addresses accepts; nil if one does.
    package static func problem(with addresses: [SocketAddress], timeout: Duration) -> String? {
        var problem = "it has no address"
        for address in addresses {
            do throws(SystemError) {
                let descriptor = try BlockingConnection.open(to: address, within: timeout)
                LinuxMachine.shared.close(descriptor)
                return nil
            } catch {
                problem = "\(address): \(error)"
            }
        }
        return problem
    }
}
