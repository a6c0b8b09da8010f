import ChatApplication
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
        var hosts: HostPolicy
        var proxies: TrustedProxies
        var settings: WorkerSettings
        /// The settings, without bans.
        var file: MemoryFile

        init(_ options: SuperviseOptions) throws(SystemError) {
            values = options.values
            log = options.serve.log
            hosts = options.serve.server.hosts
            proxies = options.serve.server.trustedProxies
            let passed = ServeOptions.declarations.filter { $0.name != ConfigurationFile.option.name }
            settings = WorkerSettings(
                values: values.values(of: passed), keys: options.serve.tokenKeys?.text,
                adminUI: options.serve.adminUI?.passed, host: options.serve.moderation?.host)
            file = try MemoryFile(settings.encoded)
        }
    }

    private let state: Mutex<State>
    /// The bans that the primary process has read at its start.
    private let bans: BanFile?
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
        bans = options.serve.moderation?.bans
        state = Mutex(try State(options))
    }

    /// The settings for the next worker.
    ///
    /// If the file of the bans cannot be read, the worker gets the last known ones: without them it would not serve. If
    /// no descriptor or memory is left for that, it gets none.
    var settings: MemoryFile {
        let (settings, file) = state.withLock { ($0.settings, $0.file) }
        guard let bans, (try? bans.read()) == nil else { return file }
        var more = settings
        more.bans = bans.list.validLines
        return (try? MemoryFile(more.encoded)) ?? file
    }

    /// What the primary process logs.
    var log: LogOptions { state.withLock { $0.log } }

    /// The host names that requests to the operator's port may have.
    var hosts: HostPolicy { state.withLock { $0.hosts } }

    /// The proxies that the operator cannot ban.
    var proxies: TrustedProxies { state.withLock { $0.proxies } }

    /// Reads the configuration file and the file with the keys again. After an error nothing has changed.
    /// - Returns: nil if there are no such files.
    /// - Throws: the reason why the values cannot be used.
    func reload() throws -> Change? {
        let (current, settings) = state.withLock { ($0.values, $0.settings) }
        guard current.file != nil || settings.keys != nil || settings.adminUI != nil else { return nil }
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
            keysFile: next.settings.keys == settings.keys ? nil : next.values.optionalText("auth-keys"),
            passwordFile: next.settings.adminUI == settings.adminUI
                ? nil : next.values.optionalText(AdminUIOptions.option),
            warnings: warnings)
    }
}
