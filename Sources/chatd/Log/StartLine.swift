import Glibc
import Transport

/// The first line of the log: the version, the command, the process, the database and the options.
enum StartLine {
    /// - Parameters:
    ///   - command: `serve` or `supervise`.
    ///   - database: the path, or the URL without its password.
    ///   - settings: the options with explicit values.
    ///   - limits: the options that are limits, with the values in force.
    static func text(
        command: String, database: String, settings: [OptionValues.Setting], limits: [OptionValues.Setting]
    ) -> String {
        let file = database == ":memory:" ? "in memory" : database.contains("://") ? database : absolutePath(database)
        let options = settings.map { setting in
            "\(setting.label)=\(quoted(Secrets.masked(setting.value, of: setting.option)))"
        }
        return "chatd \(Version.current) \(command), process \(getpid()), database \(file), "
            + (options.isEmpty ? "default options" : "options " + options.joined(separator: " "))
            + ", limits descriptors=\(ResourceLimits.descriptors)"
            + limits.map { " \($0.option.name)=\($0.value.isEmpty ? "none" : $0.value)" }.joined()
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

    private static func quoted(_ value: String) -> String {
        value.isEmpty || value.contains(" ") || value.contains("\"") ? "\"\(value)\"" : value
    }
}

extension OptionValues.Setting {
    /// The option as the user has written it, in one word: `--port`, `CHATD_PORT` or `chat.conf:12:port`.
    fileprivate var label: String {
        if case .file(let name, let line) = source {
            "\(name):\(line):\(option.name)"
        } else {
            source.name(of: option.name)
        }
    }
}
