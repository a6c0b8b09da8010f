import SimulatedMachine

/// How a client reads what it is sent.
enum ReadRate: Equatable {
    /// As soon as it comes.
    case full
    /// A few bytes now and then.
    case slow
    /// Nothing before this time, in virtual milliseconds; nil: as long as the server has anything of it.
    case paused(until: Int?)

    var isPaused: Bool {
        if case .paused = self { true } else { false }
    }

    /// How many bytes it reads at once.
    func byteLimit(_ choices: inout SeededChoices) -> Int {
        switch self {
        case .full, .paused: choices.chance(perMille: 800) ? .max : choices.within(1...200)
        case .slow: choices.within(1...20)
        }
    }
}
