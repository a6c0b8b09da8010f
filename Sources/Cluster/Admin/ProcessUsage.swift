import Actors
import Glibc
import Transport

/// What this process takes from the system.
enum ProcessUsage {
    /// The CPU time and the memory of this process.
    static var samples: MetricSamples {
        var samples = MetricSamples()
        var usage = rusage()
        if getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 {
            samples.add(.cpuTime, duration: duration(usage.ru_utime) + duration(usage.ru_stime))
        }
        if let pages = residentPages { samples.add(.residentMemory, number: pages * Int(sysconf(CInt(_SC_PAGESIZE)))) }
        return samples
    }

    private static func duration(_ time: timeval) -> Duration {
        .seconds(time.tv_sec) + .microseconds(time.tv_usec)
    }

    /// The second number of `/proc/self/statm` (proc(5)).
    private static var residentPages: Int? {
        guard let text = SystemFile.read("/proc/self/statm") else { return nil }
        let numbers = String(decoding: text, as: UTF8.self).split(separator: " ")
        return numbers.count > 1 ? Int(numbers[1]) : nil
    }
}
