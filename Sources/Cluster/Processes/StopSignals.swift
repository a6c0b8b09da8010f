import Actors
import CLinux
import Dispatch
import Glibc
import Synchronization
import Transport

/// Runs `body` and cancels it when this process receives one of the signals, so that a server closes its connections
/// and its database before the program ends: `try await withStopSignals { try await server.run(port: 3000) }`.
///
/// A second signal ends the process at once. Signals that the process ignores stay ignored. In a worker of
/// `run(host:port:unixSockets:workers:ports:backplane:onServing:)` the signals have no effect, because the first
/// process stops its workers.
/// - Parameters:
///   - signals: The numbers of the signals, from 1 to 63. By default those that `docker stop` and Ctrl-C send. They are
///     written in the program, so another number is a mistake there and ends it.
///   - body: The work, which runs in a child task.
/// - Returns: The result of `body`.
/// - Throws: The error of `body`; `SystemError` if no descriptor is left.
public func withStopSignals<Result: Sendable>(
    _ signals: [CInt] = [SIGTERM, SIGINT], _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    if SocketServer.isWorker { return try await body() }
    for signal in signals where !(1..<64).contains(signal) { fatalError("\(signal) is not the number of a signal") }
    let (arrival, continuation) = AsyncStream.makeStream(of: Never.self)
    let id = try StopSignals.expect(Set(signals)) { continuation.finish() }
    defer { StopSignals.forget(id) }
    return try await withThrowingTaskGroup(of: Result?.self) { group in
        group.addTask { try await body() }
        group.addTask {
            for await _ in arrival {}
            return nil
        }
        while let result = try await group.next() {
            group.cancelAll()
            if let result { return result }
        }
        throw CancellationError()
    }
}

/// The waits of this process for signals.
private enum StopSignals {
    private struct Wait {
        let signals: Set<CInt>
        let received: @Sendable () -> Void
    }

    private struct State {
        var lastID: UInt64 = 0
        var waits: [UInt64: Wait] = [:]
        /// What the signals did before somebody waited for them.
        var earlierActions: [CInt: sigaction] = [:]
        var source: (any DispatchSourceRead)?
    }

    private static let state = Mutex(State())
    /// Becomes readable when a signal arrives.
    private static let descriptor = clinux_eventfd()
    /// The signals that have arrived: bit n stands for signal n.
    private static let arrived = Atomic<UInt64>(0)

    /// Calls a function when one of the signals arrives.
    /// - Returns: The number for ``forget(_:)``.
    static func expect(_ signals: Set<CInt>, received: @escaping @Sendable () -> Void) throws(SystemError) -> UInt64 {
        guard descriptor >= 0 else { throw SystemError("eventfd") }
        // The first access initializes a global, which is not safe in a signal handler.
        _ = arrived.load(ordering: .relaxed)
        return state.withLock { state in
            state.lastID += 1
            state.waits[state.lastID] = Wait(signals: signals, received: received)
            if state.source == nil { state.source = makeSource() }
            for signal in signals where !SignalSource.isIgnored(signal) {
                let earlier = handle(signal)
                if state.earlierActions[signal] == nil { state.earlierActions[signal] = earlier }
            }
            return state.lastID
        }
    }

    /// Ends a wait. Signals for which nobody waits any more do what they did before.
    static func forget(_ id: UInt64) {
        state.withLock { state in
            guard let wait = state.waits.removeValue(forKey: id) else { return }
            for signal in wait.signals where !state.waits.values.contains(where: { $0.signals.contains(signal) }) {
                guard var action = state.earlierActions.removeValue(forKey: signal) else { continue }
                sigaction(signal, &action, nil)
            }
        }
    }

    /// Sets the signal's handler, for its next arrival only. The handler does little, because most functions must not
    /// be called there (signal-safety(7)).
    /// - Returns: What the signal did before.
    private static func handle(_ signal: CInt) -> sigaction {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { signal in
            let error = errno
            StopSignals.arrived.bitwiseOr(1 &<< UInt64(truncatingIfNeeded: signal), ordering: .sequentiallyConsistent)
            var count: UInt64 = 1
            write(StopSignals.descriptor, &count, 8)
            errno = error
        }
        action.sa_flags = SA_RESTART | CInt(bitPattern: UInt32(SA_RESETHAND))
        var earlier = sigaction()
        sigaction(signal, &action, &earlier)
        return earlier
    }

    /// The waits for signals that have arrived. Their other signals do again what they did before, so that each of them
    /// is a second signal.
    private static func takeWaits(for arrived: UInt64, from state: inout State) -> [Wait] {
        let waits = state.waits.sorted { $0.key < $1.key }.map(\.value)
            .filter { $0.signals.contains { arrived & 1 << UInt64($0) != 0 } }
        for signal in waits.reduce(into: Set(), { $0.formUnion($1.signals) }) {
            if var action = state.earlierActions[signal] { sigaction(signal, &action, nil) }
        }
        return waits
    }

    private static func makeSource() -> any DispatchSourceRead {
        let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: .global())
        source.setEventHandler {
            var count: UInt64 = 0
            read(descriptor, &count, 8)
            let signals = arrived.exchange(0, ordering: .sequentiallyConsistent)
            for wait in state.withLock({ takeWaits(for: signals, from: &$0) }) { wait.received() }
        }
        source.activate()
        return source
    }
}
