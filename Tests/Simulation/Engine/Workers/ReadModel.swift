import Actors

/// A read of the history on its way: asked for, then done at some moment by the reader, then back at the worker.
final class ReadModel {
    enum Question {
        case page(after: Int64, through: Int64)
        case start(latest: Int, through: Int64)
    }

    enum Answer {
        case page(HistoryPage)
        case start(Int64)
        case failed
    }

    let socket: SocketModel
    let question: Question
    var answer: Answer?

    init(_ question: Question, for socket: SocketModel) {
        self.question = question
        self.socket = socket
    }

    /// Reads what a transaction that begins now sees.
    /// - Parameter isUnbounded: a mistake: it reads beyond what was asked for.
    func perform(on disk: Disk, maxRows: Int, maxBytes: Int, isUnbounded: Bool) {
        switch question {
        case .page(let after, let through):
            let rows = disk.rows(after: after, through: isUnbounded ? .max : through, isVisible: true)
            var page: [StoredMessage] = []
            var bytes = 0
            for row in rows.prefix(maxRows) where bytes < maxBytes {
                bytes += row.content.count
                page.append(row.message)
            }
            answer = .page(HistoryPage(messages: page, reachesEnd: page.count == rows.count))
        case .start(let latest, let through):
            let rows = disk.rows(after: 0, through: through, isVisible: true)
            answer = .start(rows.count > latest ? rows[rows.endIndex - latest - 1].id : 0)
        }
    }
}
