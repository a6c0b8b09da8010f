/// The version of chatd.
enum Version {
    /// Printed by `--version` and in the first line of the log. The newest heading of CHANGELOG.md must have the same
    /// version.
    static let current = "0.1.0"
}
