/// Who needs a dynamic namespace.
struct ChildUse {
    /// True if the application has asked for the namespace by its name.
    let isExplicit: Bool
    /// The number of connections that have a socket in the namespace or wait for one.
    private var connections = 0
    /// True if a client was ever accepted.
    private var wasJoined = false

    init(isExplicit: Bool) {
        self.isExplicit = isExplicit
    }

    mutating func begin() {
        connections += 1
    }

    mutating func joined() {
        wasJoined = true
    }

    /// Ends the use by one connection.
    /// - Parameter removesEmpty: True to remove every namespace without clients; false to remove only a namespace whose
    ///   clients were all rejected, so that clients without access cannot use up the limit.
    /// - Returns: True if the namespace must be removed.
    mutating func end(removesEmpty: Bool) -> Bool {
        connections -= 1
        return connections == 0 && (removesEmpty || !wasJoined && !isExplicit)
    }
}
