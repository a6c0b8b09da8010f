import Actors
import Transport

extension WorkerModel {
    private static var maxReads: Int { 2 }

    func subscribed(_ id: SessionID, highest: Int64) {
        guard let socket = roster[id] else { return }
        stream.feed.encoding = MessageEncoding(event: EventText.message, namespace: "/", epoch: epoch)
        if MessageForm.allCases.allSatisfy({ roster.live($0).isEmpty }) { cluster.record.note(.firstMemberCaughtUp) }
        _ = socket.progress.catchUp?.subscribed(highest: highest)
        advance(socket)
    }

    /// Brings a socket's catch-up on, as far as it goes without waiting.
    func advance(_ socket: SocketModel) {
        while true {
            switch socket.nextStep(applied: stream.feed.applied) {
            case .wait:
                return
            case .join:
                cluster.record.note(.joinedLive)
                return roster.becomeLive(socket)
            case .locate(let count, let through):
                reads.append(ReadModel(.start(latest: count, through: through), for: socket))
                return
            case .read(let after, let through):
                guard let recent = stream.feed.recent(after: after, through: through, limit: settings.pieceLimit) else {
                    waitingReaders.append(socket)
                    return beginReads()
                }
                cluster.record.note(.ringRead)
                socket.deliver(recent, after: after)
            }
        }
    }

    private func beginReads() {
        while reads.count < Self.maxReads, let socket = waitingReaders.removeFirst() {
            guard socket.isConnected, let (after, through) = socket.progress.catchUp?.openRead else { continue }
            reads.append(ReadModel(.page(after: after, through: through), for: socket))
        }
    }

    /// A read has come back.
    func finish(_ read: ReadModel) {
        reads.removeAll { $0 === read }
        let socket = read.socket
        switch read.answer {
        case .page(let page):
            cluster.record.note(.pageRead)
            if case .page(let after, _) = read.question { socket.deliver(page, after: after) }
        case .start(let id):
            cluster.record.note(.locatedLatest)
            socket.progress.catchUp?.located(after: id)
        case .failed, nil:
            cluster.record.note(.pageFailed)
            socket.progress.catchUp?.readFailed()
        }
        advance(socket)
        beginReads()
    }
}
