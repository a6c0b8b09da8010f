import Glibc

/// A system call that failed.
public struct SystemError: Error, Equatable, CustomStringConvertible, Sendable {
    /// The name of the call, as in its manual page.
    public let call: String
    /// The value of `errno` after the call.
    public let code: CInt

    /// - Parameters:
    ///   - call: the name of the system call.
    ///   - code: the error number; the current `errno` by default.
    public init(_ call: String, code: CInt = errno) {
        self.call = call
        self.code = code
    }

    /// A peer that has reset the connection.
    static let connectionReset = SystemError("recv", code: ECONNRESET)
    /// A peer that does not read.
    static let timedOut = SystemError("send", code: ETIMEDOUT)

    public var description: String {
        "\(call): \(String(cString: strerror(code)))"
    }
}
