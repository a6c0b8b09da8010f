import Actors
import Transport

extension WorkerModel {
    private static var maxReads: Int { 2 }

    func subscribed(_ id: SessionID, highest: Int64) {
        guard let socket = socket(id) else { return }
        stream.feed.encoding = MessageEncoding(event: EventText.message, namespace: "/", epoch: epoch)
        if live.isEmpty { cluster.record.note(.firstMemberCaughtUp) }
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
                behind[socket.id] = nil
                return live.add(socket)
            case .locate(let count, let through):
                reads.append(ReadModel(.start(latest: count, through: through), for: socket))
                return
            case .read(let after, let through):
                guard let messages = stream.feed.ring.messages(after: after, limit: settings.pieceLimit),
                    let last = messages.last?.id
                else {
                    waitingReaders.append(socket)
                    return beginReads()
                }
                cluster.record.note(.ringRead)
                socket.deliver(messages, through: last, reachesEnd: last == through)
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
            if case .page(let after, _) = read.question {
                socket.deliver(
                    page.messages[...], through: page.messages.last?.id ?? after, reachesEnd: page.reachesEnd)
            }
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
