import Glibc
import Synchronization

/// Writes a server's reports to standard error if the application does not handle them. Lines of one kind are limited.
package enum ReportOutput {
    /// The minimum time between two lines of the same kind.
    static let interval = Duration.seconds(10)
    /// The maximum length of a report's text, in bytes.
    static let maxLine = 1000

    static let standardError: @Sendable (ServerReport) -> Void = { report in
        // Programs refuse clients in their normal operation.
        if case .clientRefused(let client) = report, client.reason != .identityUnavailable { return }
        guard let line = lines.withLock({ $0.line(for: report, at: .now) }) else { return }
        write(line)
    }

    private static let lines = Mutex(Lines())

    /// Formats at most one line of each kind per interval.
    struct Lines {
        private var kinds: [String: (writtenAt: ContinuousClock.Instant, suppressed: Int)] = [:]

        mutating func line(for report: ServerReport, at now: ContinuousClock.Instant) -> String? {
            line(report.description, kind: report.kind.rawValue, at: now)
        }

        /// - Returns: nil if a line of the same kind was written less than ``interval`` ago.
        mutating func line(_ text: String, kind: String, at now: ContinuousClock.Instant) -> String? {
            let last = kinds[kind]
            if let last, now - last.writtenAt < ReportOutput.interval {
                kinds[kind] = (last.writtenAt, last.suppressed + 1)
                return nil
            }
            kinds[kind] = (now, 0)
            let text = String(decoding: text.utf8.prefix(ReportOutput.maxLine), as: UTF8.self)
                .unicodeScalars.map { $0.isControl ? " " : String($0) }.joined()
            guard let last, last.suppressed > 0 else { return text }
            return "\(text) (\(last.suppressed) more like this were suppressed)"
        }
    }

    /// Writes a line of this kind, unless one was written less than ``interval`` ago.
    package static func write(_ text: String, kind: String) {
        guard let line = lines.withLock({ $0.line(text, kind: kind, at: .now) }) else { return }
        write(line)
    }

    /// Writes a line if standard error is writable, and drops it otherwise, so that the loop never blocks.
    package static func write(_ line: String) {
        var output = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
        guard poll(&output, 1, 0) == 1, output.revents & Int16(POLLOUT) != 0 else { return }
        var text = line + "\n"
        text.withUTF8 { _ = Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}

extension ServerReport {
    /// The kind of a report. Lines are limited per kind.
    enum Kind: String {
        case handlerFailed, historyFailed, foreignOffset, refused, engineRefused, reservedEventName, routeFailed,
            inputMemoryExceeded, tooManyNamespaces, tooManyRooms, clientRefused, invalidPacket, packetNotSent
    }

    var kind: Kind {
        switch self {
        case .handlerFailed: .handlerFailed
        case .historyFailed: .historyFailed
        case .foreignOffset: .foreignOffset
        case .refused(.engineRefused): .engineRefused
        case .refused: .refused
        case .reservedEventName: .reservedEventName
        case .routeFailed: .routeFailed
        case .inputMemoryExceeded: .inputMemoryExceeded
        case .tooManyNamespaces: .tooManyNamespaces
        case .tooManyRooms: .tooManyRooms
        case .clientRefused: .clientRefused
        case .invalidPacket: .invalidPacket
        case .packetNotSent: .packetNotSent
        }
    }
}

extension ServerReport: CustomStringConvertible {
    public var description: String {
        switch self {
        case .handlerFailed(let error, let namespace):
            "error: a handler of \(namespace) failed: \(error)"
        case .historyFailed(let error):
            "error: cannot read messages: \(error)"
        case .foreignOffset(let id, let address):
            "client \(id)\(Self.place(address)) asked for messages beyond the last one: its offset comes from another "
                + "database"
        case .refused(.originRefused(let origin, let host, _)):
            "refused pages of origin \(origin) that connect to host \(host ?? "(none)"): see OriginPolicy"
        case .refused(.hostRefused(let host, _)):
            "refused requests for host \(host): see HostPolicy"
        case .refused(.untrustedProxy(let address, _)):
            "\(address.isEmpty ? "a Unix domain socket" : address) forwards the requests of several clients, which "
                + "count as one: see TrustedProxies"
        case .refused(.untrustedProxyHeader(let address, _)):
            "refused a connection from \(address.isEmpty ? "a Unix domain socket" : address) with a PROXY header: see "
                + "TrustedProxies"
        case .refused(.limitReached(let limit, let address, let count)):
            "refused \(count) clients\(address.map { ", the last one from \($0)" } ?? ""): limit of \(limit)"
        case .refused(.engineRefused(let refused)):
            "\(refused)"
        case .reservedEventName(let name, let namespace):
            "error: an event \"\(name)\" was not sent in \(namespace): the name is reserved"
        case .routeFailed(let error, let path):
            "error: the route \(path) failed: \(error)"
        case .clientRefused(let refused):
            "\(refused)"
        case .invalidPacket(let error, let id, let address):
            "closed a connection\(Self.place(address))\(id.map { " (client \($0))" } ?? "") after \(error)"
        case .packetNotSent(let error):
            "error: a packet was not sent: \(error)"
        case .inputMemoryExceeded(let limit):
            "unfinished input exceeded \(limit) bytes: the connection that held the most was reset"
        case .tooManyNamespaces(let limit):
            "refused a client of a new namespace: there are \(limit) dynamic namespaces"
        case .tooManyRooms(let limit, let id, let address):
            "socket \(id)\(Self.place(address)) joined no further room: it is in \(limit) rooms"
        }
    }

    private static func place(_ address: String) -> String {
        " from \(address.isEmpty ? "a Unix domain socket" : address)"
    }
}

extension Unicode.Scalar {
    /// True for a character that may end a line, that a terminal may take for a command, or that changes the direction
    /// of a text.
    fileprivate var isControl: Bool {
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: properties.isBidiControl
        }
    }
}
