/// Something that holds unfinished input and can be ended. Both calls release everything.
protocol InputHolder: AnyObject {
    /// It holds most while all together hold too much.
    func resetForInput()
    /// It came with more when there was no room.
    func refuseInput()
}

/// What one holder has in an ``InputBudget``.
struct HeldInput {
    private var number: UInt64 = 0
    private var counted = 0

    /// Notes how many bytes are held now. Costs a comparison when nothing was held and nothing is.
    mutating func set(_ bytes: Int, in budget: InputBudget, by holder: any InputHolder) {
        let new = InputLedger.counted(bytes)
        guard new != counted else { return }
        if counted == 0 { number = budget.admit(holder) }
        counted = new
        budget.change(number, to: new)
    }
}
