/// Errors of keys in a configuration file.
enum ConfigurationKey {
    /// The longest name that an error repeats.
    private static let maxName = 64

    /// The error of a key that is no option. It repeats a key only if that looks like a name: the line may be a part of
    /// a secret.
    static func unknown(_ key: String, _ keys: [String]) -> UsageError {
        guard !key.isEmpty, key.utf8.count <= maxName, key.utf8.allSatisfy(isOfName) else {
            return UsageError(description: "the line is not NAME = VALUE: the name is not that of an option")
        }
        let option = ConfigurationFile.option.name
        guard plain(key) != option else {
            return UsageError(description: "\(option) is not allowed in the file: a file cannot name another one")
        }
        if keys.contains(plain(key)) {
            return UsageError(description: "unknown key \(key) (did you mean \(plain(key))?)")
        }
        return UsageError.unknown("key \(key)", nearest: plain(key), among: keys)
    }

    /// The name in the form of a key, if it has that of an option or of a variable.
    private static func plain(_ key: String) -> String {
        let name = String(key.lowercased().drop { $0 == "-" }.map { $0 == "_" ? "-" : $0 })
        return name.hasPrefix("chatd-") ? String(name.dropFirst("chatd-".count)) : name
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
