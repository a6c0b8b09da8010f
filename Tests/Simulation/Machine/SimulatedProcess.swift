import Glibc
import Transport

/// A process of the simulated machine: its descriptors, its signals and its loop.
///
/// Safety of `@unchecked Sendable`: a simulation has one thread.
package final class SimulatedProcess: @unchecked Sendable {
    package let id: Int32
    package unowned let kernel: SimulatedKernel
    package let arguments: [String]
    package let parent: Int32?
    private var files: [CInt: OpenFile] = [:]
    private(set) var pendingSignals: [CInt] = []
    /// It was stopped, as by SIGSTOP.
    package var isPaused = false
    /// How it ended; nil while it runs.
    package private(set) var end: ProcessEnd?
    /// What ends it behind the turn at hand.
    private(set) var exitCode: CInt?
    private var main: ((SimulatedProcess) -> Void)?
    private var loop: EventLoop?
    /// What is left of its loop when it has ended: something keeps it.
    private(set) weak var leakedLoop: EventLoop?
    private weak var poller: SimulatedPoller?
    /// The machine as it sees it. It keeps the process, and not the other way round.
    package var machine: any Machine { SimulatedMachine(of: self) }
    /// How many turns in a row it has taken for nothing: nothing was moved, opened or closed, nobody had woken it, and no timer
    /// was due. Readiness that a loop does nothing about keeps it from sleeping.
    package private(set) var idleTurns = 0
    private var hasProgressed = false
    /// Called when it has ended, while what waits in it can still be told so.
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

    /// The lowest free descriptor stands for `file` from now on.
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
            preconditionFailure("process \(id) closes \(descriptor), which is not open")
        }
        file.release()
    }

    /// Starts a process that has these descriptors, from 3 on.
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

    // MARK: An end inside of a turn

    /// After how many more calls that others notice it is killed.
    private var callsUntilKill: Int?
    /// It was killed inside of the turn at hand: nothing that it does reaches anybody any more.
    private(set) var isKilledMidTurn = false

    /// It is to be killed in the middle of a turn, before it has done all that others notice of it.
    package func killMidTurn(afterCalls count: Int) {
        callsUntilKill = count
    }

    /// Counts a call that others notice.
    /// - Returns: whether it is carried out.
    func permitCall() -> Bool {
        guard exitCode == nil else { return false }
        if let callsUntilKill {
            isKilledMidTurn = isKilledMidTurn || callsUntilKill == 0
            self.callsUntilKill = callsUntilKill - 1
        }
        return !isKilledMidTurn
    }

    // MARK: Running

    /// The loop that this process runs. To be called by its program.
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

    /// Whether it has something to do now.
    package var isRunnable: Bool {
        guard !hasEnded, !isPaused else { return false }
        guard main == nil else { return true }
        guard loop != nil else { return false }
        return poller?.hasWork == true || nextDeadline.map { $0 <= kernel.now } == true
    }

    /// When its next timer is due.
    package var nextDeadline: ContinuousClock.Instant? { loop?.nextDeadline }

    /// Runs it until it would wait.
    func runTurn() {
        hasProgressed = main != nil || nextDeadline.map { $0 <= kernel.now } == true
        if let main {
            self.main = nil
            main(self)
        }
        loop?.driveTurn()
        idleTurns = hasProgressed ? 0 : idleTurns + 1
    }

    /// The turn at hand is taken for something.
    func noteProgress() {
        hasProgressed = true
    }

    /// Ends its loop once that was stopped; the process goes on without one.
    /// - Parameter startDraining: called with the loop when something is asked of it later.
    package func endStoppedLoop(startDraining: @escaping @Sendable (EventLoop) -> Void) {
        guard let loop, loop.isStopping else { return }
        self.loop = nil
        leakedLoop = loop
        loop.endDriven { [weak loop] in loop.map(startDraining) }
    }

    /// Ends it behind this turn. Nothing that it does in the rest of it reaches anybody.
    package func exit(code: CInt) {
        if exitCode == nil { exitCode = code }
    }

    /// Its descriptors are closed, and nothing that it still asks for is done.
    func finish(_ end: ProcessEnd) {
        guard self.end == nil else { return }
        let open = files.sorted { $0.key < $1.key }
        for (_, file) in open { file.release() }
        self.end = end
        files = [:]
        main = nil
        // What keeps its objects is told that it is over, so that they are freed.
        onExit?()
        onExit = nil
        loop?.endDriven()
        leakedLoop = loop
        loop = nil
    }
}
