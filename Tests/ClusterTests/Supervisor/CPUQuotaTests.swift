import Testing

@testable import Cluster

@Suite("CPU quota: the number of cores that control groups allow")
struct CPUQuotaTests {
    private static let version2 = "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n"
    private static let version1 = """
        25 23 0:21 / /proc rw - proc proc rw
        31 23 0:27 / /sys/fs/cgroup/memory rw shared:9 - cgroup cgroup rw,memory
        32 23 0:28 / /sys/fs/cgroup/cpu,cpuacct rw shared:10 - cgroup cgroup rw,cpu,cpuacct

        """

    private func cores(_ files: [String: String]) -> Int? {
        CPUQuota { files[$0] }.wholeCores
    }

    @Test(
        "version 2: the quota is divided by the period and rounded up, at least to one; max means no limit",
        arguments: [
            ("max 100000\n", nil), ("200000 100000\n", 2), ("250000 100000\n", 3), ("10000 100000\n", 1),
            ("50000 50000\n", 1), ("150000\n", 2), ("max\n", nil), ("", nil), ("0 100000\n", nil), ("100000 0\n", nil),
            ("nonsense 1\n", nil), ("-1 100000", nil), ("9223372036854775807 1", 1_000_000),
        ] as [(String, Int?)])
    func version2(limit: String, cores: Int?) {
        let files = [
            "/proc/self/cgroup": "0::/\n", "/proc/self/mountinfo": Self.version2, "/sys/fs/cgroup/cpu.max": limit,
        ]
        #expect(self.cores(files) == cores)
    }

    @Test("version 2: the lowest quota of the group and its ancestors applies")
    func nested2() {
        var files = [
            "/proc/self/cgroup": "0::/pods/pod 1/chatd\n", "/proc/self/mountinfo": Self.version2,
            "/sys/fs/cgroup/pods/cpu.max": "max 100000", "/sys/fs/cgroup/pods/pod 1/cpu.max": "300000 100000",
            "/sys/fs/cgroup/pods/pod 1/chatd/cpu.max": "800000 100000",
        ]
        #expect(cores(files) == 3)
        files["/sys/fs/cgroup/pods/cpu.max"] = "100000 100000"
        #expect(cores(files) == 1)
        files["/sys/fs/cgroup/pods/cpu.max"] = nil
        files["/sys/fs/cgroup/pods/pod 1/cpu.max"] = nil
        #expect(cores(files) == 8)
    }

    @Test(
        "version 1: the quota of the CPU controller's group applies; -1 means no limit",
        arguments: [
            ("-1", "100000", nil), ("150000", "100000", 2), ("400000", "100000", 4), ("1000", "100000", 1),
            ("100000", nil, nil), (nil, "100000", nil),
        ] as [(String?, String?, Int?)])
    func version1(quota: String?, period: String?, cores: Int?) {
        var files = [
            "/proc/self/cgroup": "7:memory:/other\n4:cpu,cpuacct:/docker/one\n1:name=systemd:/x\n0::/\n",
            "/proc/self/mountinfo": Self.version1,
        ]
        files["/sys/fs/cgroup/cpu,cpuacct/docker/one/cpu.cfs_quota_us"] = quota.map { $0 + "\n" }
        files["/sys/fs/cgroup/cpu,cpuacct/docker/one/cpu.cfs_period_us"] = period.map { $0 + "\n" }
        files["/sys/fs/cgroup/memory/other/cpu.cfs_quota_us"] = "100000"
        files["/sys/fs/cgroup/memory/other/cpu.cfs_period_us"] = "100000"
        #expect(self.cores(files) == cores)
    }

    @Test("version 1: a lower quota of an ancestor or of a version 2 group applies")
    func nested1() {
        var files = [
            "/proc/self/cgroup": "4:cpuacct,cpu:/docker/one\n0::/system\n",
            "/proc/self/mountinfo": Self.version1 + Self.version2,
            "/sys/fs/cgroup/cpu,cpuacct/docker/cpu.cfs_quota_us": "200000",
            "/sys/fs/cgroup/cpu,cpuacct/docker/cpu.cfs_period_us": "100000",
            "/sys/fs/cgroup/cpu,cpuacct/docker/one/cpu.cfs_quota_us": "600000",
            "/sys/fs/cgroup/cpu,cpuacct/docker/one/cpu.cfs_period_us": "100000",
        ]
        #expect(cores(files) == 2)
        files["/sys/fs/cgroup/system/cpu.max"] = "100000 100000"
        #expect(cores(files) == 1)
    }

    @Test(
        "in a container the quota of the mounted group applies, whatever path the process's group has",
        arguments: [
            ("/docker/one", "/docker/one"), ("/docker/one", "/"), ("/", "/../../elsewhere"),
            ("/docker/one", "/docker/other"),
            ("/docker/one", "/docker/one-and-a-half"),
        ])
    func container(root: String, path: String) {
        let files = [
            "/proc/self/cgroup": "4:cpu,cpuacct:\(path)\n",
            "/proc/self/mountinfo": "32 23 0:28 \(root) /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu,cpuacct\n",
            "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "500000", "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000",
        ]
        #expect(cores(files) == 5)
    }

    @Test("a lower quota of a group below the mounted one applies")
    func belowTheMountedGroup() {
        let files = [
            "/proc/self/cgroup": "0::/docker/one/inner\n",
            "/proc/self/mountinfo": "30 23 0:26 /docker/one /sys/fs/c\\040g rw - cgroup2 none rw\n",
            "/sys/fs/c g/cpu.max": "max 100000", "/sys/fs/c g/inner/cpu.max": "100000 100000",
        ]
        #expect(cores(files) == 1)
    }

    @Test(
        "missing or malformed files mean no limit",
        arguments: ["", "\n", "nonsense", ":", "::", "0::", "x - y", " - cgroup2", "1 2 3 4 5 - cgroup2 a"])
    func nothing(text: String) {
        #expect(cores([:]) == nil)
        #expect(cores(["/proc/self/cgroup": text, "/proc/self/mountinfo": text]) == nil)
    }
}
