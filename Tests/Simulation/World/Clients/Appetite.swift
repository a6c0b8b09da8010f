import SimulatedMachine

/// How a client reads what it is sent.
enum Appetite: Equatable {
    /// As soon as it comes.
    case good
    /// A few bytes now and then.
    case small
    /// Nothing before this time, in virtual milliseconds; nil: as long as the server has anything of it.
    case none(until: Int?)

    var isNone: Bool {
        if case .none = self { true } else { false }
    }

    /// How many bytes it reads at once.
    func bite(_ choices: inout SeededChoices) -> Int {
        switch self {
        case .good, .none: choices.chance(perMille: 800) ? .max : choices.within(1...200)
        case .small: choices.within(1...20)
        }
    }
}
