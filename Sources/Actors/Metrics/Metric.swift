/// A metric of a server: its name, its kind, the names of its labels, and a line of help.
///
/// Each metric is declared once, in ``all``'s extensions. Labels have few values, which the server chooses: never an
/// address, an id or a name of a client.
package struct Metric: Sendable {
    package enum Kind: String, Sendable {
        /// A total since the start. Its name ends in `_total`.
        case counter
        /// A present value.
        case gauge
        /// Durations, in seconds.
        case histogram
    }

    /// The full name, in base units: seconds and bytes.
    package let name: String
    package let kind: Kind
    package let labels: [String]
    package let help: String

    /// - Parameters:
    ///   - name: the name without its prefix.
    ///   - labels: the names of the labels.
    init(_ kind: Kind, _ name: String, by labels: [String] = [], _ help: String) {
        self.name = "chatd_" + name
        self.kind = kind
        self.labels = labels
        self.help = help
    }

    /// Every metric, in the order of the documentation.
    package static let all = ofClients + ofMessages + ofStore + ofHosts + ofProcesses

    private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

    /// - Returns: nil if there is no metric with this name, for example because it is one of another version.
    package init?(named name: String) {
        guard let metric = Self.byName[name] else { return nil }
        self = metric
    }
}

extension Metric: Hashable, Comparable {
    package static func == (left: Metric, right: Metric) -> Bool { left.name == right.name }

    package func hash(into hasher: inout Hasher) { hasher.combine(name) }

    package static func < (left: Metric, right: Metric) -> Bool { left.name < right.name }
}
