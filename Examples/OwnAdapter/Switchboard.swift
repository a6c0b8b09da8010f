import Cluster
import Synchronization

/// An adapter that connects the servers of one process on one loop. It keeps no lost sessions and stores no messages.
final class Switchboard: Sendable {
    private struct State {
        var position: UInt64 = 0
        var workers: [Line] = []
    }

    private let state = Mutex(State())

    /// One server's connection.
    final class Line: Adapter {
        private struct Receiver {
            weak var worker: (any StreamReceiver)?
        }

        private let switchboard: Switchboard
        private let receiver = Mutex(Receiver())

        init(to switchboard: Switchboard) {
            self.switchboard = switchboard
        }

        let terms = HubTerms(epoch: "switchboard", keepsSessions: false)
        var history: (any History)? { nil }

        func attach(_ receiver: any StreamReceiver) {
            self.receiver.withLock { $0.worker = receiver }
            switchboard.state.withLock { $0.workers.append(self) }
        }

        func submit(_ requests: [HubRequest]) {
            for request in requests { switchboard.carryOut(request, of: self) }
        }

        func send(_ event: HubEvent) {
            receiver.withLock { $0.worker }?.receive([event])
        }
    }

    private func carryOut(_ request: HubRequest, of worker: Line) {
        switch request {
        case .register(let registration):
            worker.send(.registered(registration.key.id, position: state.withLock { $0.position }))
        case .unregister: break
        case .setData(let key, _): worker.send(.dataRecorded(key.id))
        case .join(let key, let room): worker.send(.joined(key.id, room: room))
        case .leave(let key, let room): worker.send(.left(key.id, room: room))
        case .emit(let broadcast, let sender):
            let (position, workers) = state.withLock { state in
                state.position += 1
                return (state.position, state.workers)
            }
            for worker in workers { worker.send(.broadcast(broadcast, position: position)) }
            worker.send(.emitted(sender, credit: request.cost))
        case .change(let selection, let change, let sender):
            for worker in state.withLock({ $0.workers }) { worker.send(.changed(selection, change)) }
            worker.send(.carriedOut(sender, credit: request.cost))
        default:
            for event in request.refusal { worker.send(event) }
        }
    }
}
