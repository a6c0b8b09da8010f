import Glibc

/// The environment variables that chatd reads, and notes on other variables with its prefix.
///
/// In a Kubernetes cluster with a Service called `chatd`, each container gets variables such as
/// `CHATD_PORT=tcp://10.0.0.1:3000` that are not meant for chatd. Docker's links set the same ones.
struct EnvironmentVariables {
    /// The values of the options' variables, by name.
    let values: [String: String]
    /// Notes for the operator, one log line each.
    let notes: [String]

    private static let prefix = "CHATD_"
    /// The most names listed in one line.
    private static let maxListed = 20

    /// - Parameters:
    ///   - all: the whole environment.
    ///   - known: the names that chatd reads.
    init(_ all: [String: String], known: Set<String>) {
        var values: [String: String] = [:]
        var unknown: [String] = []
        var ofServices: [String] = []
        for (name, value) in all.sorted(by: { $0.key < $1.key })
        where known.contains(name) || name.hasPrefix(Self.prefix) {
            if Self.isOfService(name, value) {
                ofServices.append(name)
            } else if known.contains(name) {
                values[name] = value
            } else {
                unknown.append(name)
            }
        }
        self.values = values
        var notes: [String] = []
        if !ofServices.isEmpty {
            notes.append("ignored variables that Kubernetes sets for a Service: \(Self.list(ofServices))")
        }
        if !unknown.isEmpty {
            notes.append("ignored variables that are not options: \(Self.list(unknown)); see chatd serve --help")
        }
        self.notes = notes
    }

    /// The variables of this process.
    static func ofProcess(known: Set<String>) -> EnvironmentVariables {
        var all: [String: String] = [:]
        var next = environ
        while let entry = next.pointee {
            let words = String(cString: entry).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            // If a name occurs twice, the first entry counts, as in getenv.
            if words.count == 2, all[String(words[0])] == nil { all[String(words[0])] = String(words[1]) }
            next += 1
        }
        return EnvironmentVariables(all, known: known)
    }

    private static func list(_ names: [String]) -> String {
        let more = names.count > maxListed ? " and \(names.count - maxListed) more" : ""
        return names.prefix(maxListed).joined(separator: ", ") + more
    }

    /// True if a variable has the name and the value of one that describes a Service: `CHATD_SERVICE_HOST`,
    /// `CHATD_SERVICE_PORT`, `CHATD_SERVICE_PORT_HTTP`, `CHATD_PORT`, `CHATD_PORT_3000_TCP`, `CHATD_PORT_3000_TCP_ADDR`
    /// …, also with more words after `CHATD`.
    private static func isOfService(_ name: String, _ value: String) -> Bool {
        guard name.hasPrefix(prefix) else { return false }
        let words = name.split(separator: "_", omittingEmptySubsequences: false).dropFirst()
        if words.last == "PORT", isAddress(value) { return true }
        for index in words.indices {
            let rest = words[index...]
            if rest.starts(with: ["SERVICE", "HOST"]), rest.count == 2 { return true }
            if rest.starts(with: ["SERVICE", "PORT"]) { return true }
            if rest.first == "PORT", rest.count == 3 || rest.count == 4, Int(rest[index + 1]) != nil,
                protocols.contains(rest[index + 2].lowercased()),
                rest.count == 3 || ["PROTO", "PORT", "ADDR"].contains(rest[index + 3])
            {
                return true
            }
        }
        return false
    }

    private static let protocols = ["tcp", "udp", "sctp"]

    private static func isAddress(_ value: String) -> Bool {
        protocols.contains { value.hasPrefix("\($0)://") }
    }
}
