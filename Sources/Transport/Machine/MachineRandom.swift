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
    /// Makes an unpredictable session id.
    package func makeSessionID() -> SessionID {
        var generator = MachineRandom(of: machine)
        return SessionID(using: &generator)
    }
}
