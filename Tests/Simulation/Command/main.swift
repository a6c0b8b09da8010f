import Glibc
import SimulatedWorld

/// Runs simulated servers, one seed after the other, and prints the number of times each kind of step occurred:
///
///     simulate FIRST COUNT [--hosts] [--small] [--trace]
///
/// With `--hosts`, each seed has two or three hosts that share a database and a broker; otherwise it has one.
let numbers = CommandLine.arguments.dropFirst().compactMap { UInt64($0) }
guard numbers.count == 2 else {
    print("usage: simulate FIRST COUNT [--hosts] [--small] [--trace]")
    exit(64)
}
let isTracing = CommandLine.arguments.contains("--trace")
let isSmall = CommandLine.arguments.contains("--small")
let hosts = CommandLine.arguments.contains("--hosts") ? 2...3 : 1...1
EscapeTrap.install()
var coverage = Coverage()
var (failures, steps) = (0, 0)
let time = ContinuousClock().measure {
    for seed in numbers[0]..<numbers[0] + numbers[1] where failures < 5 {
        let outcome = SimulatedServers.run(seed: seed, hosts: hosts, isSmall: isSmall, isTracing: isTracing)
        for line in outcome.trace { print(line) }
        coverage.add(outcome.coverage)
        steps += outcome.steps
        guard let violation = outcome.violation else { continue }
        failures += 1
        print("seed \(seed) after \(violation.step) steps: \(violation)")
    }
}
for step in Step.allCases where coverage[step] > 0 { print("  \(step.words): \(coverage[step])") }
print("\(numbers[1]) seeds, \(steps) steps, \(time)")
// In 1000 seeds or more, every kind of step must occur.
let missing =
    numbers[1] < 1000 || isSmall || failures > 0 ? [] : coverage.missing(isOfSeveralHosts: hosts.lowerBound > 1)
for step in missing { print("never occurred: \(step.words)") }
exit(failures == 0 && missing.isEmpty ? 0 : 1)
