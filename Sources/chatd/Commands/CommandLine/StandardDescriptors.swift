import Glibc

/// Standard input, output and error.
enum StandardDescriptors {
    /// Opens `/dev/null` in place of each of these descriptors that the parent process has closed. Otherwise the next
    /// socket could become descriptor 2 and receive log lines.
    static func openMissing() {
        while true {
            // open() returns the lowest free number.
            let descriptor = open("/dev/null", O_RDWR)
            guard descriptor > STDERR_FILENO else {
                if descriptor < 0 { return }
                continue
            }
            close(descriptor)
            return
        }
    }
}
