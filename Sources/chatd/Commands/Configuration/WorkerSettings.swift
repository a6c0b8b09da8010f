/// What the primary process passes to a worker: the values of options, the content of the file with the keys of tokens,
/// so that a worker that starts later has the keys that the primary process has read, and the last known bans if their
/// file cannot be read.
///
/// These may be secrets, so they are not in the worker's arguments, which every user of the machine can read.
struct WorkerSettings: Equatable {
    /// The explicit values of options.
    var values: [String: String]
    /// The content of the file with the keys; nil if there is none.
    var keys: String?
    /// What ``AdminUIOptions/passed`` has; nil without a dashboard.
    var adminUI: String?
    /// The lines of the last known bans; nil if the worker can read their file.
    var bans: String?
    /// ``Moderation/host``; nil if nobody moderates.
    var host: String?

    /// The names under which the contents are passed. No option has them.
    private static let keysName = "auth-keys content"
    private static let adminUIName = "admin-ui content"
    private static let bansName = "bans content"
    private static let hostName = "moderation host"

    /// Each name and each value ends with a zero byte, which neither of them can contain.
    var encoded: [UInt8] {
        var parts = values
        parts[Self.keysName] = keys
        parts[Self.adminUIName] = adminUI
        parts[Self.bansName] = bans
        parts[Self.hostName] = host
        return parts.sorted { $0.key < $1.key }.flatMap { Array($0.key.utf8) + [0] + Array($0.value.utf8) + [0] }
    }
}

extension WorkerSettings {
    /// - Throws: ``UsageError`` for bytes that ``encoded`` does not have.
    init(decoding bytes: [UInt8]) throws(UsageError) {
        var parts = bytes.split(separator: 0, omittingEmptySubsequences: false)[...]
        guard parts.popLast()?.isEmpty == true, parts.count.isMultiple(of: 2) else {
            throw UsageError(description: "the options that the supervisor has passed are incomplete")
        }
        var values: [String: String] = [:]
        while let name = parts.popFirst(), let value = parts.popFirst() {
            values[String(decoding: name, as: UTF8.self)] = String(decoding: value, as: UTF8.self)
        }
        let keys = values.removeValue(forKey: Self.keysName)
        let adminUI = values.removeValue(forKey: Self.adminUIName)
        let bans = values.removeValue(forKey: Self.bansName)
        let host = values.removeValue(forKey: Self.hostName)
        self.init(values: values, keys: keys, adminUI: adminUI, bans: bans, host: host)
    }
}
