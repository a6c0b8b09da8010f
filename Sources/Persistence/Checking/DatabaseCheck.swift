/// Checks a database for a server that is to be started, and changes nothing.
package struct DatabaseCheck: Equatable {
    /// What an operator should know, although a start would succeed.
    package private(set) var notes: [String] = []
    /// Why a start would fail.
    package private(set) var problems: [String] = []

    mutating func note(_ text: String) { notes.append(text) }
    mutating func fail(_ text: String) { problems.append(text) }
}
