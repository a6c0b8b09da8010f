/// What a service manager has passed to this process cannot be used.
package struct ServiceError: Error, Equatable, CustomStringConvertible {
    /// The reason, for the operator.
    package let description: String
    /// True if the sockets do not fit the command line, false if they cannot be used at all.
    package let isUsage: Bool

    init(_ description: String, isUsage: Bool = false) {
        self.description = description
        self.isUsage = isUsage
    }
}
