/// How much work a worker may have given to the hub without an answer.
struct Credit {
    /// Beyond this many bytes, whoever adds to it has to wait.
    let limit: Int
    /// The bytes of what is not answered.
    private(set) var used = 0

    init(limit: Int) {
        self.limit = limit
    }

    var isExhausted: Bool { used > limit }

    /// Whether those who wait may go on.
    var isHalfFree: Bool { used <= limit / 2 }

    mutating func take(_ cost: Int) {
        used += cost
    }

    mutating func giveBack(_ cost: Int) {
        used -= cost
    }
}
