import Glibc
import Transport

/// A process of the simulated machine: its descriptors, signals and event loop.
///
/// Safety of `@unchecked Sendable`: a simulation has one thread.
package final class SimulatedProcess: @unchecked Sendable {
    package let id: Int32
    package unowned let kernel: SimulatedKernel
    package let arguments: [String]
    package let parent: Int32?
    private var files: [CInt: OpenFile] = [:]
    private(set) var pendingSignals: [CInt] = []
    /// True while the process is stopped, as by SIGSTOP.
    package var isPaused = false
    /// The process does not notice the input of its pipes until then, since the start of the run: it is busy with other
    /// connections.
    package var neglectsPipesUntil = Duration.zero
    /// True if it does not notice the input of its pipes now.
    package var neglectsPipes: Bool { kernel.elapsed < neglectsPipesUntil }
    /// The reason for the end; nil while the process runs.
    package private(set) var end: ProcessEnd?
    /// The exit code passed to ``exit(code:)``. The process ends after the current turn.
    private(set) var exitCode: CInt?
    private var main: ((SimulatedProcess) -> Void)?
    private var loop: EventLoop?
    /// The event loop of an ended process. It is nil unless something leaks the loop.
    private(set) weak var leakedLoop: EventLoop?
    private weak var poller: SimulatedPoller?
    /// The machine as this process sees it. The machine retains the process; the process must not retain the machine.
    package var machine: any Machine { SimulatedMachine(of: self) }
    /// The number of consecutive turns without progress: no bytes moved, no descriptor opened or closed, no wake-up, no
    /// due timer. If the loop ignores a ready descriptor, it never sleeps, and this number grows.
    package private(set) var idleTurns = 0
    private var hasProgressed = false
    /// The number of bytes that this process left unread in pipes: it closed its end after the writer had ended.
    package private(set) var unreadBytes = 0
    /// Called at the end of the process, before its event loop ends. It lets pending work fail.
    package var onExit: (() -> Void)?

    init(
        id: Int32, kernel: SimulatedKernel, parent: Int32?, arguments: [String], files: [OpenFile],
        main: @escaping (SimulatedProcess) -> Void
    ) {
        self.id = id
        self.kernel = kernel
        self.parent = parent
        self.arguments = arguments
        self.main = main
        for (index, file) in files.enumerated() {
            file.retain()
            self.files[CInt(index) + 3] = file
        }
    }

    package var hasEnded: Bool { end != nil }

    // MARK: Descriptors

    func file(_ descriptor: CInt) -> OpenFile? { files[descriptor] }

    var openCount: Int { files.count }

    /// Opens a file at the lowest free descriptor.
    func open(_ file: OpenFile) throws(SystemError) -> CInt {
        guard !hasEnded else { throw SystemError("open", code: EBADF) }
        guard files.count < kernel.maxDescriptors else { throw SystemError("open", code: EMFILE) }
        noteProgress()
        var descriptor: CInt = 3
        while files[descriptor] != nil { descriptor += 1 }
        files[descriptor] = file
        file.retain()
        return descriptor
    }

    func close(_ descriptor: CInt) {
        guard !hasEnded, !isKilledMidTurn, exitCode == nil else { return }
        noteProgress()
        guard let file = files.removeValue(forKey: descriptor) else {
            preconditionFailure("process \(id) closes descriptor \(descriptor), which is not open")
        }
        if let pipe = (file as? PipeReadEnd)?.pipe, !pipe.hasWriter { unreadBytes += pipe.bytes.count }
        file.release()
    }

    /// True if bytes that the process wrote to a pipe have not been read.
    package var hasUnreadOutput: Bool {
        files.values.contains { ($0 as? PipeWriteEnd)?.pipe.bytes.isEmpty == false }
    }

    /// Starts a child process that inherits these descriptors, numbered from 3.
    package func startChild(
        descriptors: [CInt], _ main: @escaping (SimulatedProcess) -> Void
    ) throws(SystemError) -> SimulatedProcess {
        var inherited: [OpenFile] = []
        for descriptor in descriptors {
            guard let file = file(descriptor) else { throw SystemError("posix_spawn", code: EBADF) }
            inherited.append(file)
        }
        return kernel.start(parent: id, arguments: [], files: inherited, main)
    }

    // MARK: Signals

    func receive(signal: CInt) {
        if !pendingSignals.contains(signal) { pendingSignals.append(signal) }
    }

    func takeSignal(of signals: [CInt]) -> CInt? {
        guard let index = pendingSignals.firstIndex(where: signals.contains) else { return nil }
        noteProgress()
        return pendingSignals.remove(at: index)
    }

    // MARK: Kill during a turn

    /// The number of externally visible calls left before the process is killed.
    private var callsUntilKill: Int?
    /// True if the process was killed during the current turn. Its remaining calls have no effect.
    private(set) var isKilledMidTurn = false

    /// Kills the process in the middle of a turn, after `count` externally visible calls.
    package func killMidTurn(afterCalls count: Int) {
        callsUntilKill = count
    }

    /// Counts an externally visible call.
    /// - Returns: false if the call must have no effect.
    func permitCall() -> Bool {
        guard exitCode == nil else { return false }
        if let callsUntilKill {
            isKilledMidTurn = isKilledMidTurn || callsUntilKill == 0
            self.callsUntilKill = callsUntilKill - 1
        }
        return !isKilledMidTurn
    }

    // MARK: Running

    /// Makes the event loop of this process. The process's program calls this method.
    package func makeLoop(_ limits: Limits) throws(SystemError) -> EventLoop {
        let loop = try EventLoop(machine: machine, limits: limits)
        loop.observer = kernel.loopObserver
        self.loop = loop
        return loop
    }

    func makePoller() -> SimulatedPoller {
        let poller = SimulatedPoller(of: self)
        self.poller = poller
        return poller
    }

    /// True if this is the loop of the process.
    package func owns(_ loop: EventLoop) -> Bool { self.loop === loop }

    /// True if a turn would do something now.
    package var isRunnable: Bool {
        guard !hasEnded, !isPaused else { return false }
        guard main == nil else { return true }
        guard loop != nil else { return false }
        return poller?.hasWork == true || nextDeadline.map { $0 <= kernel.now } == true
    }

    /// The deadline of the next timer.
    package var nextDeadline: ContinuousClock.Instant? { loop?.nextDeadline }

    /// Runs the process until it would block.
    func runTurn() {
        hasProgressed = main != nil || nextDeadline.map { $0 <= kernel.now } == true
        if let main {
            self.main = nil
            main(self)
        }
        loop?.driveTurn()
        idleTurns = hasProgressed ? 0 : idleTurns + 1
    }

    /// Marks the current turn as useful.
    func noteProgress() {
        hasProgressed = true
    }

    /// Ends a stopped event loop. The process continues without one.
    /// - Parameter startDraining: called with the loop if work is submitted to it later.
    package func endStoppedLoop(startDraining: @escaping @Sendable (EventLoop) -> Void) {
        guard let loop, loop.isStopping else { return }
        self.loop = nil
        leakedLoop = loop
        loop.endDriven { [weak loop] in loop.map(startDraining) }
    }

    /// Ends the process after this turn. Its remaining calls have no effect.
    package func exit(code: CInt) {
        if exitCode == nil { exitCode = code }
    }

    /// Ends the process now: closes its descriptors and discards its pending work.
    func finish(_ end: ProcessEnd) {
        guard self.end == nil else { return }
        let open = files.sorted { $0.key < $1.key }
        for (_, file) in open { file.release() }
        self.end = end
        files = [:]
        main = nil
        // Pending work must fail first, so that it releases the objects of the process.
        onExit?()
        onExit = nil
        loop?.endDriven()
        leakedLoop = loop
        loop = nil
    }
}
