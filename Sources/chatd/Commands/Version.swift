/// The version of chatd.
enum Version {
    /// What `--version` and the first line of the log say. The newest heading of CHANGELOG.md is the same version.
    static let current = "0.1.0"
}
