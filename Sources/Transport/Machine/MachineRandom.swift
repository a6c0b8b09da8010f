/// A random number generator that draws from a machine.
package struct MachineRandom: RandomNumberGenerator {
    private let machine: any Machine

    package init(of machine: any Machine) {
        self.machine = machine
    }

    package mutating func next() -> UInt64 {
        machine.random()
    }
}

extension EventLoop {
    /// A random start, below 2³⁰, for numbers that become acknowledgement ids. With a fixed one, a client's late answer
    /// to an event of an earlier process or of another worker would be taken for the answer to a later event.
    package func makeNumberingStart() -> UInt64 {
        limits.numberingStart ?? machine.random() >> 34
    }

    /// Makes an unpredictable session id.
    package func makeSessionID() -> SessionID {
        var generator = MachineRandom(of: machine)
        return SessionID(using: &generator)
    }

    /// Makes an unpredictable id of a session on a worker that shares its port.
    func makeSessionID(on worker: WorkerNumber) -> SessionID {
        var generator = MachineRandom(of: machine)
        return SessionID(on: worker, using: &generator)
    }
}
