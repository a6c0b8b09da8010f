/// One result of an examination of a database, which is one line for the operator.
package struct Finding: Equatable, Sendable {
    package enum Level: String, Sendable {
        case ok
        /// Something to know or to do at some time.
        case warning
        /// Something that prevents a server from working, or that endangers messages.
        case problem
    }

    package let level: Level
    package let text: String

    package init(_ level: Level, _ text: String) {
        (self.level, self.text) = (level, text)
    }
}

extension Finding: CustomStringConvertible {
    package var description: String { "\(level.rawValue): \(text)" }
}
