import CSQLite

/// The file system of a database.
struct FileSystem {
    /// The least free space for which there is no problem, and without a warning. A server's log may take 64 MiB.
    private static let leastFree: Int64 = 16 << 20
    private static let comfortable: Int64 = 256 << 20

    /// File systems on which locks may not exclude other machines, or SQLite's log cannot work (statfs(2)).
    private static let unsuitable: [UInt32: String] = [
        0x6969: "NFS", 0x517B: "SMB", 0xFE53_4D42: "SMB", 0xFF53_4D42: "CIFS", 0x0102_1997: "9P",
        0x00C3_6400: "Ceph", 0x5346_414F: "AFS",
    ]
    private static let fuse: UInt32 = 0x6573_5546

    let directory: String
    /// The number that statfs(2) gives the kind of file system.
    let type: UInt32
    /// The bytes that a server may still use; nil if that is unknown.
    let free: Int64?

    init(directory: String) {
        self.init(directory: directory, type: csqlite_file_system(directory), free: Directory.freeBytes(directory))
    }

    init(directory: String, type: UInt32, free: Int64?) {
        self.directory = directory
        self.type = type
        self.free = free
    }

    var findings: [Finding] { [kind, space].compactMap { $0 } }

    private var kind: Finding? {
        if let name = Self.unsuitable[type] {
            return Finding(
                .problem, "\(directory) is on \(name), where two servers may write at once; use a local disk")
        }
        guard type == Self.fuse else { return nil }
        return Finding(.warning, "\(directory) is on FUSE; check that its locks and its sync work, or use a local disk")
    }

    private var space: Finding? {
        guard let free else { return nil }
        let text = "\(ByteCount.text(free)) are free in \(directory)"
        if free < Self.leastFree {
            return Finding(.problem, "\(text); messages will be refused when the disk is full")
        }
        return free < Self.comfortable ? Finding(.warning, "\(text); make room soon") : Finding(.ok, text)
    }
}
