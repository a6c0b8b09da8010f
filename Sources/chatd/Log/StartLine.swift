import Glibc
import Transport

/// The first line of the log: the version, the command, the process, the database and the options.
enum StartLine {
    /// - Parameters:
    ///   - command: `serve` or `supervise`.
    ///   - database: the path, or the URL without its password.
    ///   - settings: the options with explicit values.
    static func text(command: String, database: String, settings: [OptionValues.Setting]) -> String {
        let file = database == ":memory:" ? "in memory" : database.contains("://") ? database : absolutePath(database)
        let options = settings.map { "\($0.source)=\(quoted(masked($0)))" }
        return "chatd \(Version.current) \(command), process \(getpid()), database \(file), "
            + (options.isEmpty ? "default options" : "options " + options.joined(separator: " "))
    }

    /// The absolute path of a file that may not exist yet.
    private static func absolutePath(_ path: String) -> String {
        if let resolved = resolve(path) { return resolved }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        let directory = parts.dropLast().joined(separator: "/")
        let isBelowRoot = parts.count > 1 && directory.isEmpty
        guard let resolved = resolve(isBelowRoot ? "/" : directory.isEmpty ? "." : directory) else {
            return path
        }
        return (resolved == "/" ? "" : resolved) + "/" + (parts.last ?? "")
    }

    /// The path without symbolic links; nil if it does not exist.
    private static func resolve(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// A value without secrets: hides the value of a secret option, and the password in an address.
    private static func masked(_ setting: OptionValues.Setting) -> String {
        guard !setting.option.isSecret else { return setting.value.isEmpty ? "" : "***" }
        let value = withoutPasswordParameter(setting.value)
        guard let scheme = value.firstRange(of: "://") else { return value }
        let authority = value[scheme.upperBound...].prefix { !"/?#".contains($0) }
        guard let at = authority.lastIndex(of: "@"), let colon = authority[..<at].firstIndex(of: ":") else {
            return value
        }
        return value[...colon] + "***" + value[at...]
    }

    /// An address without the value of its parameter `password`, which URLs of PostgreSQL may have.
    private static func withoutPasswordParameter(_ value: String) -> String {
        guard value.contains("://"), let mark = value.firstIndex(of: "?") else { return value }
        let parameters = value[value.index(after: mark)...].split(separator: "&", omittingEmptySubsequences: false)
        let masked = parameters.map { parameter in
            let name = parameter.prefix { $0 != "=" }
            let decoded = PercentEncoding.decode(Array(name.utf8)[...])
            return decoded == "password" ? name + "=***" : parameter
        }
        return value[...mark] + masked.joined(separator: "&")
    }

    private static func quoted(_ value: String) -> String {
        value.isEmpty || value.contains(" ") || value.contains("\"") ? "\"\(value)\"" : value
    }
}
