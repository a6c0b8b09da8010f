/// Checks beside the work: that the tables still keep the order of rows, and who is in the way.
extension PostgresStore {
    /// The time between two checks of the tables.
    static let checkInterval = Duration.seconds(60)
    /// The same, while they cannot be used.
    static let repairInterval = Duration.seconds(5)

    /// Checks the trigger, the sequence and the tables, if it is time. While they cannot be used, for example because
    /// somebody has dropped the trigger, nothing is stored.
    func checkSchema() async throws(PostgresFailure) {
        if loop.now >= nextCheck {
            let check = PostgresStatement("SELECT chatd_check()", name: "check")
            let problems = try await client.run(check, within: Self.commitTimeout).rows
            problem = problems.first.map { PostgresRow($0).text(0) }
            nextCheck = loop.now + (problem == nil ? Self.checkInterval : Self.repairInterval)
        }
        if let problem { throw .unavailable(problem) }
    }

    /// Describes the transactions that keep others from storing; nil if there are none any more. Ends those of chatd
    /// whose host does not read.
    func lockHolders() async -> String? {
        let ask = PostgresStatement("SELECT chatd_lock_holders()", name: "holders")
        guard let rows = try? await client.run(ask, within: Self.commitTimeout).rows, !rows.isEmpty else { return nil }
        return "the table messages is locked by " + rows.map { PostgresRow($0).text(0) }.joined(separator: ", ")
    }
}
