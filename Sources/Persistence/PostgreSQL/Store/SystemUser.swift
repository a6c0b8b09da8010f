import Glibc

/// The user and the environment of this process.
enum SystemUser {
    /// The login name; empty if the system has none for the process's user.
    static var name: String {
        getpwuid(geteuid()).map { String(cString: $0.pointee.pw_name) } ?? ""
    }

    /// The values of those variables that are set.
    static func environment(_ names: [String]) -> [String: String] {
        var found: [String: String] = [:]
        for name in names { found[name] = getenv(name).map { String(cString: $0) } }
        return found
    }
}
