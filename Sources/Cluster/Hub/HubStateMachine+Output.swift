import Actors
import Transport

extension HubStateMachine {
    /// Events for the incarnations, which must be sent in this order.
    struct Output {
        private(set) var events: [(incarnation: Incarnation, events: [HubEvent])] = []
        /// The socket whose session live clients claim from each other. Set only when the first claim of a contest is
        /// refused.
        package internal(set) var contestedSession: SessionID?

        init() {}

        mutating func append(_ event: HubEvent, for incarnation: Incarnation) {
            if let index = events.firstIndex(where: { $0.incarnation == incarnation }) {
                events[index].events.append(event)
            } else {
                events.append((incarnation, [event]))
            }
        }
    }
}
