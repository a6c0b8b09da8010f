import Glibc

/// Standard input, output and error.
enum StandardDescriptors {
    /// Opens `/dev/null` in place of those that whoever started this process has closed. What is opened next would get their
    /// numbers, and what is written to them: a socket the log.
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
