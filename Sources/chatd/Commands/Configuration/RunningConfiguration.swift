import Synchronization
import Transport

/// The options of a running `chatd supervise`, which change when the configuration file is read again.
///
/// The primary process has started with some options for good (``CommandOption/needsRestart``). They keep their values
/// for workers too, because the two must agree. Workers that start later, also after a crash, have the other options
/// from the last valid reading.
final class RunningConfiguration: Sendable {
    /// What a reading has changed.
    struct Change: Equatable {
        /// The path of the file.
        let file: String
        /// The options with new values, which workers have from their next start on.
        let changed: [String]
        /// The options whose new values are not in force before the next start of the primary process.
        let needRestart: [String]
        /// Warnings about the file.
        let warnings: [String]
    }

    private struct State {
        var values: OptionValues
        var log: LogOptions
        var settings: MemoryFile
    }

    private let state: Mutex<State>
    private let readValues: @Sendable () throws(UsageError) -> OptionValues
    private let opensSockets: Bool

    /// - Parameters:
    ///   - values: the options at the start.
    ///   - opensSockets: false if a service manager passes the listening sockets.
    ///   - readValues: reads the values again, from the same arguments and environment.
    /// - Throws: ``SystemError`` if no descriptor is left; ``UsageError`` for wrong values.
    init(
        _ values: OptionValues, opensSockets: Bool,
        readValues: @escaping @Sendable () throws(UsageError) -> OptionValues
    ) throws {
        self.opensSockets = opensSockets
        self.readValues = readValues
        let log = try values.log()
        state = Mutex(State(values: values, log: log, settings: try Self.settings(of: values)))
    }

    private static func settings(of values: OptionValues) throws(SystemError) -> MemoryFile {
        let options = ServeOptions.declarations.filter { $0.name != ConfigurationFile.option.name }
        return try MemoryFile(WorkerSettings.encode(values.values(of: options)))
    }

    /// The settings for the next worker.
    var settings: MemoryFile { state.withLock { $0.settings } }

    /// What the primary process logs.
    var log: LogOptions { state.withLock { $0.log } }

    /// Reads the configuration file again. After an error nothing has changed.
    /// - Returns: nil if there is no file.
    /// - Throws: the reason why the values cannot be used.
    func reload() throws -> Change? {
        let current = state.withLock { $0.values }
        guard current.file != nil else { return nil }
        let new = try readValues()
        guard let file = new.file else { return nil }
        // The file must be valid for a restart too.
        let warnings = try SuperviseOptions(new, opensSockets: opensSockets).serve.warnings
        let held = new.holding(current)
        let options = try SuperviseOptions(held, opensSockets: opensSockets)
        _ = try Pages(clientBundle: options.serve.clientBundle, webRoot: options.serve.webRoot)
        let settings = try Self.settings(of: held)
        state.withLock { $0 = State(values: held, log: options.serve.log, settings: settings) }
        return Change(
            file: file.name, changed: held.changes(from: current).map(\.name),
            needRestart: new.changes(from: held).map(\.name), warnings: warnings)
    }
}
