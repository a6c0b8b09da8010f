import Glibc
import Transport

/// Connections that a process opens to another one, or to itself.
extension SimulatedMachine {
    func openConnection(to address: SocketAddress) throws(SystemError) -> CInt {
        guard address.unixPath == nil, let end = kernel.connect(to: address.port, from: "127.0.0.1") else {
            throw SystemError("connect", code: ECONNREFUSED)
        }
        do throws(SystemError) {
            return try process.open(SocketFile(end))
        } catch {
            end.reset()
            throw error
        }
    }

    func connectionError(of descriptor: CInt) -> SystemError? {
        process.file(descriptor) is SocketFile ? nil : badDescriptor("getsockopt")
    }
}
