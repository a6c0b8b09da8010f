/// What a server may send at most. More is an error, after which the connection must be closed.
package struct PostgresLimits: Sendable {
    /// The length of a message before authentication, and of a setting's message at any time.
    static let shortMessage = 16 << 10

    /// The length of a message after authentication.
    var message = 64 << 20
    /// The memory for the rows of one result, in bytes.
    var result = 256 << 20
    /// The number of settings.
    var settings = 256

    package init() {}
}
