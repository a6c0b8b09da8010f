/// The CPU time that the control groups of a process allow it, as in a container with a limit (cgroups(7)).
///
/// Computed from the contents of files, for both versions of control groups. The lowest quota applies among the
/// process's own group and its ancestors, because a group cannot use more than its ancestors.
struct CPUQuota: Equatable {
    /// The allowed CPU time divided by the elapsed time; nil without a limit.
    let cores: Double?

    /// The number of cores that can be used, at least one; nil without a limit. A fraction is rounded up, because three
    /// threads are needed to use 2.5 cores.
    var wholeCores: Int? {
        cores.map { max(1, Int(min($0, 1_000_000).rounded(.up))) }
    }

    /// - Parameter read: returns the contents of a file; nil if it cannot be read.
    init(read: (String) -> String?) {
        let memberships = Self.lines(read("/proc/self/cgroup")).compactMap(Membership.init)
        let mounts = Self.lines(read("/proc/self/mountinfo")).compactMap(Mount.init)
        var lowest: Double?
        for membership in memberships {
            for mount in mounts where mount.serves(membership) {
                for directory in mount.directories(of: membership.path) {
                    guard let quota = Self.quota(in: directory, isVersion2: mount.isVersion2, read) else { continue }
                    lowest = min(lowest ?? quota, quota)
                }
            }
        }
        cores = lowest
    }

    /// The quota of one group, in cores; nil without a limit.
    private static func quota(in directory: String, isVersion2: Bool, _ read: (String) -> String?) -> Double? {
        if isVersion2 {
            // For example `150000 100000` or `max 100000`, in microseconds.
            let words = read("\(directory)/cpu.max")?.split(whereSeparator: \.isWhitespace) ?? []
            return share(words.first, of: words.count > 1 ? words[1] : "100000")
        }
        return share(
            read("\(directory)/cpu.cfs_quota_us")?.split(whereSeparator: \.isWhitespace).first,
            of: read("\(directory)/cpu.cfs_period_us")?.split(whereSeparator: \.isWhitespace).first)
    }

    private static func share(_ time: Substring?, of period: Substring?) -> Double? {
        guard let time = time.flatMap({ Double($0) }), let period = period.flatMap({ Double($0) }), time > 0, period > 0
        else { return nil }
        return time / period
    }

    private static func lines(_ text: String?) -> [Substring] {
        text?.split(separator: "\n") ?? []
    }
}

extension CPUQuota {
    /// A line of `/proc/self/cgroup`: `0::/path` in version 2, `4:cpu,cpuacct:/path` in version 1.
    private struct Membership {
        let controllers: [Substring]
        let path: Substring

        init?(_ line: Substring) {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { return nil }
            controllers = fields[1].split(separator: ",")
            path = fields[2]
        }

        var isVersion2: Bool { controllers.isEmpty }
    }

    /// A line of `/proc/self/mountinfo` that mounts control groups.
    private struct Mount {
        /// The group that is mounted at `point`.
        let root: String
        let point: String
        let isVersion2: Bool
        private let hasCPU: Bool

        init?(_ line: Substring) {
            let halves = line.firstRange(of: " - ").map { (line[..<$0.lowerBound], line[$0.upperBound...]) }
            guard let (left, right) = halves else { return nil }
            let fields = left.split(separator: " ")
            let system = right.split(separator: " ", omittingEmptySubsequences: false)
            guard fields.count >= 5, system.count >= 3 else { return nil }
            switch system[0] {
            case "cgroup2": (isVersion2, hasCPU) = (true, true)
            case "cgroup": (isVersion2, hasCPU) = (false, system[2].split(separator: ",").contains("cpu"))
            default: return nil
            }
            root = Self.unescaped(fields[3])
            point = Self.unescaped(fields[4])
        }

        func serves(_ membership: Membership) -> Bool {
            hasCPU && isVersion2 == membership.isVersion2 && (isVersion2 || membership.controllers.contains("cpu"))
        }

        /// The visible directories of a group and its ancestors. A group that is not below the mounted one, as in a
        /// container that sees the host's paths, is treated as the mounted group itself.
        func directories(of path: Substring) -> [String] {
            let below = root == "/" ? path : path.hasPrefix(root + "/") ? path.dropFirst(root.count) : ""
            let names = below.split(separator: "/")
            guard !names.contains("..") else { return [point] }
            return (0...names.count).map { count in
                ([point == "/" ? "" : point[...]] + names.prefix(count)).joined(separator: "/")
            }
        }

        /// The kernel writes space, tab, newline and backslash as octal numbers, such as `\040`.
        private static func unescaped(_ text: Substring) -> String {
            var bytes: [UInt8] = []
            var rest = Array(text.utf8)[...]
            while let byte = rest.popFirst() {
                if byte == UInt8(ascii: "\\"),
                    let code = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8)
                {
                    bytes.append(code)
                    rest = rest.dropFirst(3)
                } else {
                    bytes.append(byte)
                }
            }
            return String(decoding: bytes, as: UTF8.self)
        }
    }
}
