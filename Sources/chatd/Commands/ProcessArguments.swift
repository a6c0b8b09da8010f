import Transport

/// The words of this process's command line.
enum ProcessArguments {
    /// The words behind the program's name.
    ///
    /// Read from the system and not from `CommandLine`: Swift finds its arguments beside the environment in memory, and a
    /// preloaded library that moves the environment leaves `CommandLine.arguments` empty.
    static func read() -> [String] {
        let words = parse(SystemFile.read("/proc/self/cmdline") ?? [])
        return Array((words.isEmpty ? CommandLine.arguments : words).dropFirst())
    }

    /// The words of the system's form, in which each ends with a zero byte.
    static func parse(_ bytes: [UInt8]) -> [String] {
        var words = bytes.split(separator: 0, omittingEmptySubsequences: false)
        if words.last?.isEmpty == true { words.removeLast() }
        return words.map { String(decoding: $0, as: UTF8.self) }
    }
}
