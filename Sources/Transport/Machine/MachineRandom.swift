/// The random numbers of a machine.
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
    /// An id that nobody can guess.
    package func makeSessionID() -> SessionID {
        var generator = MachineRandom(of: machine)
        return SessionID(using: &generator)
    }
}
