import SimulatedMachine

/// The rate at which a client reads from its transport.
enum ReadRate: Equatable {
    /// Reads everything as it arrives.
    case full
    /// Reads a few bytes at a time.
    case slow
    /// Reads nothing until this simulated time in milliseconds; nil: until the server has closed the connection.
    case paused(until: Int?)

    var isPaused: Bool {
        if case .paused = self { true } else { false }
    }

    /// The maximum number of bytes for one read.
    func byteLimit(_ choices: inout SeededChoices) -> Int {
        switch self {
        case .full, .paused: choices.chance(perMille: 800) ? .max : choices.within(1...200)
        case .slow: choices.within(1...20)
        }
    }
}
