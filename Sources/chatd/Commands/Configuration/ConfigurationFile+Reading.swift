import Glibc
import Transport

/// Reading from the file system.
extension ConfigurationFile {
    /// The names of the options that a file may set. One file serves every command.
    static var keys: [String] {
        SuperviseOptions.declarations.map(\.name).filter { $0 != option.name }
    }

    /// Reads a file.
    /// - Throws: ``UsageError`` if it cannot be read, or for its first mistake.
    init(path: String) throws(UsageError) {
        self = try Self.read(path)
        guard let problem = problems.first else { return }
        let more = problems.count > 1 ? " (and \(problems.count - 1) more; chatd check lists all)" : ""
        throw UsageError(description: "\(problem)\(more)", option: problem.option)
    }

    /// Reads a file, whatever mistakes it has.
    /// - Throws: ``UsageError`` if it cannot be read.
    static func read(_ path: String) throws(UsageError) -> ConfigurationFile {
        // O_NONBLOCK, because opening a named pipe would wait for its writer.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { throw failure(path, String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure(path, String(cString: strerror(errno))) }
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: throw failure(path, "it is a directory")
        default: throw failure(path, "it is not a regular file")
        }
        var file = ConfigurationFile(try contents(of: descriptor, path), name: path, keys: keys)
        file.mode = Int(status.st_mode & 0o777)
        return file
    }

    private static func contents(of descriptor: CInt, _ path: String) throws(UsageError) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        while bytes.count <= maxBytes {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure(path, String(cString: strerror(errno))) }
            guard count > 0 else { return bytes }
            bytes += buffer.prefix(count)
        }
        throw failure(path, "it has more than \(maxBytes) bytes")
    }

    private static func failure(_ path: String, _ reason: String) -> UsageError {
        UsageError(description: "cannot read the configuration file \(path): \(reason)", option: option.name)
    }

    /// Warnings for the operator: the file has secrets that others can read.
    /// - Parameter settings: the options with explicit values.
    func warnings(_ settings: [OptionValues.Setting]) -> [String] {
        guard let mode, let others = LogReports.users(ofMode: mode),
            settings.contains(where: \.isSecretOfFile)
        else { return [] }
        return ["\(name) has secrets and is open to \(others); chmod 600 makes it private"]
    }
}

extension OptionValues.Setting {
    /// True if the value has a secret and comes from the configuration file.
    fileprivate var isSecretOfFile: Bool {
        guard case .file = source else { return false }
        return Secrets.masked(value, of: option) != value
    }
}
