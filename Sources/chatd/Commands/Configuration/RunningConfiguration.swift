import Synchronization
import Transport

/// The options of a running `chatd supervise`, which change when the configuration file and the file with the keys of
/// tokens are read again.
///
/// The primary process has started with some options for good (``CommandOption/needsRestart``). They keep their values
/// for workers too, because the two must agree. Workers that start later, also after a crash, have the other options
/// from the last valid reading.
final class RunningConfiguration: Sendable {
    /// What a reading has changed.
    struct Change: Equatable {
        /// The path of the configuration file; nil if there is none.
        let file: String?
        /// The options with new values, which workers have from their next start on.
        let changed: [String]
        /// The options whose new values are not in force before the next start of the primary process.
        let needRestart: [String]
        /// The path of the file with the keys of tokens, if its content has changed.
        let keysFile: String?
        /// The path of the file with the dashboard's password, if its content has changed.
        var passwordFile: String?
        /// Warnings about the files.
        let warnings: [String]
    }

    private struct State {
        var values: OptionValues
        var log: LogOptions
        /// The content of the file with the keys.
        var keys: String?
        /// What workers get for the dashboard.
        var adminUI: String?
        var settings: MemoryFile

        init(_ options: SuperviseOptions) throws(SystemError) {
            values = options.values
            log = options.serve.log
            keys = options.serve.tokenKeys?.text
            adminUI = options.serve.adminUI?.passed
            let passed = ServeOptions.declarations.filter { $0.name != ConfigurationFile.option.name }
            settings = try MemoryFile(
                WorkerSettings(values: values.values(of: passed), keys: keys, adminUI: adminUI).encoded)
        }
    }

    private let state: Mutex<State>
    private let readValues: @Sendable () throws(UsageError) -> OptionValues
    private let opensSockets: Bool

    /// - Parameters:
    ///   - options: the options at the start.
    ///   - opensSockets: false if a service manager passes the listening sockets.
    ///   - readValues: reads the values again, from the same arguments and environment.
    /// - Throws: ``SystemError`` if no descriptor is left.
    init(
        _ options: SuperviseOptions, opensSockets: Bool,
        readValues: @escaping @Sendable () throws(UsageError) -> OptionValues
    ) throws(SystemError) {
        self.opensSockets = opensSockets
        self.readValues = readValues
        state = Mutex(try State(options))
    }

    /// The settings for the next worker.
    var settings: MemoryFile { state.withLock { $0.settings } }

    /// What the primary process logs.
    var log: LogOptions { state.withLock { $0.log } }

    /// Reads the configuration file and the file with the keys again. After an error nothing has changed.
    /// - Returns: nil if there are no such files.
    /// - Throws: the reason why the values cannot be used.
    func reload() throws -> Change? {
        let (current, keys, adminUI) = state.withLock { ($0.values, $0.keys, $0.adminUI) }
        guard current.file != nil || keys != nil || adminUI != nil else { return nil }
        let new = try readValues()
        // The files must be valid for a restart too.
        let warnings = try SuperviseOptions(new, opensSockets: opensSockets).serve.warnings
        let options = try SuperviseOptions(new.holding(current), opensSockets: opensSockets)
        _ = try Pages(clientBundle: options.serve.clientBundle, webRoot: options.serve.webRoot)
        let next = try State(options)
        state.withLock { $0 = next }
        return Change(
            file: new.file?.name, changed: next.values.changes(from: current).map(\.name),
            needRestart: new.changes(from: next.values).map(\.name),
            keysFile: next.keys == keys ? nil : next.values.optionalText("auth-keys"),
            passwordFile: next.adminUI == adminUI ? nil : next.values.optionalText(AdminUIOptions.option),
            warnings: warnings)
    }
}
