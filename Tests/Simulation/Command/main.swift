import Glibc
import Simulation

guard let options = Options(Array(CommandLine.arguments.dropFirst())) else {
    print(Options.usage)
    exit(64)
}
if options.listsFaults {
    for fault in Fault.allCases { print(fault.rawValue) }
    exit(0)
}
if let seed = options.replayed {
    let outcome = SimulatedCluster.run(seed: seed, faults: options.faults, isTracing: true)
    for line in outcome.trace { print(line) }
    print(outcome.violation.map { "broken: \($0)" } ?? "every rule holds")
    exit(outcome.violation == nil ? 0 : 1)
}
exit(Campaign(options).run() ? 0 : 1)
