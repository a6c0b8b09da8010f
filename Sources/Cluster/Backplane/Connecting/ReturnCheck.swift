/// Finds out whether a message of this host that has not come back still can. A value without I/O.
///
/// The broker gives a message to the receiving connection before it answers the command that has published it. So if
/// the receiving connection answers a request that was sent after that answer had arrived, and the message is not
/// there, it never comes back on this connection. However slow a connection is, nothing is judged too early.
///
/// A single message may be lost on a good connection. When a later one comes back, the hub knows that. So the check is
/// whether anything up to the latest message comes back.
struct ReturnCheck {
    /// The number of the latest message that the broker has taken.
    private var taken: UInt64 = 0
    /// The number of the latest message that has come back.
    private var returned: UInt64 = 0
    /// The latest message that the broker had taken when the request under way was sent; nil without a request.
    private var asked: UInt64?

    /// The broker has answered the command that has published the message with this number.
    mutating func took(_ number: UInt64) {
        taken = max(taken, number)
    }

    /// The message with this number has come back.
    mutating func returned(_ number: UInt64) {
        returned = max(returned, number)
    }

    /// Begins to check a message that has not come back.
    /// - Returns: true if a request must be sent on the receiving connection. False if one is under way, or if the
    ///   broker has not taken a later message yet.
    mutating func ask(about number: UInt64) -> Bool {
        guard asked == nil, taken > number, returned < number else { return false }
        asked = taken
        return true
    }

    /// The receiving connection has answered the request.
    /// - Returns: true if nothing comes back on this connection.
    mutating func answered() -> Bool {
        defer { asked = nil }
        return asked.map { returned < $0 } ?? false
    }
}
