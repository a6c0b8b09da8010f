import Persistence

extension CopyStatus {
    /// The status for the progress line.
    var progress: ProgressLine.Status {
        ProgressLine.Status(
            verb: step == .checking ? "checked" : "copied", done: done, total: total,
            text: "\(done) of \(total) messages", amount: { "\($0)" })
    }
}
