import Glibc

/// A system call that failed.
public struct SystemError: Error, Equatable, CustomStringConvertible, Sendable {
    /// The name of the call, as in its manual page.
    public let call: String
    /// `errno` after it.
    public let code: CInt

    /// - Parameter code: `errno` at the place of the call when left out.
    public init(_ call: String, code: CInt = errno) {
        self.call = call
        self.code = code
    }

    /// What reading tells when the peer has reset the connection.
    static let connectionReset = SystemError("recv", code: ECONNRESET)
    /// The peer takes nothing.
    static let timedOut = SystemError("send", code: ETIMEDOUT)

    public var description: String {
        "\(call): \(String(cString: strerror(code)))"
    }
}
