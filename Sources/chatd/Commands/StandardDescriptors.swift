import Glibc

/// Standard input, output and error.
enum StandardDescriptors {
    /// Opens `/dev/null` in place of those that whoever started this process has closed. Otherwise the
    /// next socket could become descriptor 2 and receive log lines.
    static func openMissing() {
        while true {
            // The system gives out the lowest number that is free.
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
