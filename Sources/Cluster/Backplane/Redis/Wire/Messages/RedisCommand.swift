/// A command with its arguments.
package struct RedisCommand: Equatable, Sendable {
    /// The command's name and its arguments, at least one.
    let arguments: [[UInt8]]

    /// - Parameters:
    ///   - words: the name, the subcommand and the arguments that are texts.
    ///   - values: the arguments after these, such as a payload.
    package init(_ words: String..., values: [[UInt8]] = []) {
        precondition(!words.isEmpty, "a command has a name")
        arguments = words.map { Array($0.utf8) } + values
    }
}
