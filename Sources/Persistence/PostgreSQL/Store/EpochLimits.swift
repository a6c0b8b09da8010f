/// The starts that a database has recorded, each with the highest row id of it that still identifies the same row.
///
/// Several servers use the database at the same time, so a later start does not end an earlier one. Row ids lose their
/// meaning only if a server that was not fully replicated became the primary one: it begins a new timeline, and the
/// trigger records the highest id that it has.
struct EpochLimits: Sendable, Equatable {
    private let limits: [String: Int64]
    /// The number of the newest start.
    let newest: Int64

    /// - Parameter rows: the number and the epoch of each start, and the limit; nil if all its ids are valid.
    init(_ rows: [(number: Int64, epoch: String, limit: Int64?)]) {
        limits = Dictionary(rows.map { ($0.epoch, $0.limit ?? .max) }, uniquingKeysWith: min)
        newest = rows.map(\.number).max() ?? 0
    }

    /// The limit of an epoch; nil if the epoch was never recorded.
    func rowLimit(of epoch: String) -> Int64? { limits[epoch] }
}
