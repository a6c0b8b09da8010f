import Simulation

/// What the command line asks for.
struct Options {
    static let usage = """
        usage: simulate [--seeds COUNT] [--first SEED] [--threads COUNT] [--failures COUNT] [--fault NAME]
               simulate --replay SEED [--fault NAME]
               simulate --list-faults

        --seeds COUNT     how many clusters are simulated (default 10000)
        --first SEED      the first seed (default 1)
        --threads COUNT   how many run at the same time (default 2)
        --failures COUNT  ends after so many broken rules (default 5)
        --replay SEED     simulates one cluster and prints each step
        --fault NAME      plants a mistake: \(Fault.allCases.map(\.rawValue).joined(separator: ", "))

        The exit code is 1 when a rule was broken; the seed is printed then.
        """

    var seeds = 10_000
    var first: UInt64 = 1
    var threads = 2
    var failures = 5
    var replayed: UInt64?
    var listsFaults = false
    var faults: Set<Fault> = []

    /// - Returns: nil for anything that is none of the above.
    init?(_ arguments: [String]) {
        var rest = arguments[...]
        while let name = rest.popFirst() {
            if name == "--list-faults" {
                listsFaults = true
                continue
            }
            guard let value = rest.popFirst() else { return nil }
            switch (name, Int(value)) {
            case ("--seeds", let count?): seeds = count
            case ("--first", let seed?): first = UInt64(seed.magnitude)
            case ("--threads", let count?): threads = max(1, count)
            case ("--failures", let count?): failures = count
            case ("--replay", let seed?): replayed = UInt64(seed.magnitude)
            case ("--fault", _):
                guard let fault = Fault(rawValue: value) else { return nil }
                faults.insert(fault)
            default: return nil
            }
        }
    }
}
