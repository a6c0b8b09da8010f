/// A connection or session that buffers unfinished input. Both methods end it and release the input.
protocol InputHolder: AnyObject {
    /// Ends the holder because it buffers the most and the total exceeds the limit.
    func resetForInput()
    /// Refuses the holder's new input because the total exceeds the limit.
    func refuseInput()
}

/// The share of one holder in an ``InputBudget``.
struct HeldInput {
    private var number: UInt64 = 0
    private var counted = 0

    /// Reports the number of bytes that `holder` buffers now. Costs one comparison if the counted number has not
    /// changed.
    mutating func set(_ bytes: Int, in budget: InputBudget, by holder: any InputHolder) {
        let new = InputLedger.counted(bytes)
        guard new != counted else { return }
        if counted == 0 { number = budget.admit(holder) }
        counted = new
        budget.change(number, to: new)
    }
}
