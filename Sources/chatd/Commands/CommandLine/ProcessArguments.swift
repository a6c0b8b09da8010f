import Transport

/// The arguments of this process.
enum ProcessArguments {
    /// The arguments after the program's name.
    ///
    /// Reads `/proc` instead of `CommandLine`, because Swift locates the arguments next to the environment in memory. A
    /// preloaded library that moves the environment leaves `CommandLine.arguments` empty.
    static func read() -> [String] {
        let words = parse(SystemFile.read("/proc/self/cmdline") ?? [])
        return Array((words.isEmpty ? CommandLine.arguments : words).dropFirst())
    }

    /// Parses the system's form, in which each argument ends with a zero byte.
    static func parse(_ bytes: [UInt8]) -> [String] {
        var words = bytes.split(separator: 0, omittingEmptySubsequences: false)
        if words.last?.isEmpty == true { words.removeLast() }
        return words.map { String(decoding: $0, as: UTF8.self) }
    }
}
