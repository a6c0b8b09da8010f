/// How a process ended.
package enum ProcessEnd: Sendable, Equatable, CustomStringConvertible {
    /// The process exited with a status code.
    case exited(code: CInt)
    /// A signal ended the process.
    case signalled(CInt)

    init(status: CInt) {
        let signal = status & 0x7F
        self = signal == 0 ? .exited(code: status >> 8 & 0xFF) : .signalled(signal)
    }

    package var description: String {
        switch self {
        case .exited(let code): "exited with \(code)"
        case .signalled(let signal): "was ended by signal \(signal)"
        }
    }
}
