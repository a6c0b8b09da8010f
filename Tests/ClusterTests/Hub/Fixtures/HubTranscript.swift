import Actors
import Persistence
import Testing
import Transport

@testable import Cluster

/// A hub's state machine that records, in words, the events for each incarnation.
struct HubTranscript {
    var machine: HubStateMachine
    private var streams: [Incarnation: [String]] = [:]
    /// The events for all incarnations in the order of the output, each with the incarnation's number in front.
    private(set) var allEvents: [String] = []

    /// The contested sessions that were reported to the operator.
    private(set) var contestedSessions: [String] = []

    /// The hub's time, which tests advance.
    var now = ContinuousClock.now
    /// The highest trusted row id of each epoch that the store has recorded.
    var rowLimits: [String: Int64] = ["epoch": .max]

    init(lastPublished: Int64 = 0, highestAssigned: Int64 = 0, recovery: RecoveryOptions? = nil) {
        machine = HubStateMachine(
            HubTerms(epoch: "epoch", keepsSessions: recovery != nil), lastPublished: lastPublished,
            highestAssigned: highestAssigned, recovery: recovery)
    }

    mutating func attach() -> Incarnation { machine.attach() }

    mutating func detach(_ incarnation: Incarnation) {
        record { [now] in $0.detach(incarnation, at: now, into: &$1) }
    }

    mutating func receive(_ requests: HubRequest..., from incarnation: Incarnation) {
        receive(requests, from: incarnation)
    }

    mutating func receive(_ requests: [HubRequest], from incarnation: Incarnation) {
        record { [now, rowLimits] in
            $0.receive(requests, from: incarnation, at: now, into: &$1)
            while let claim = $0.claims.entries.first {
                $0.answerClaim(claim.number, rowLimit: { rowLimits[$0] }, into: &$1)
            }
        }
    }

    /// Starts the next group and returns its texts; nil if there is none.
    mutating func nextGroup() -> [String]? {
        machine.nextGroup()?.map { String(decoding: $0.content, as: UTF8.self) }
    }

    mutating func commit(_ outcomes: DraftOutcome...) {
        commit(outcomes)
    }

    mutating func commit(_ outcomes: [DraftOutcome]) {
        let outcomes = zip(machine.storeQueue.committing, outcomes).map { request, outcome in
            outcome.outcome(of: request.draft)
        }
        record { $0.groupCommitted(outcomes, into: &$1) }
    }

    mutating func fail() {
        record { $0.groupFailed(into: &$1) }
    }

    mutating func publish(_ messages: (id: Int64, text: String)...) {
        let messages = messages.map { StoredMessage(id: $0.id, content: Array($0.text.utf8)) }
        record { $0.publish(messages, into: &$1) }
    }

    /// The events for an incarnation since the last call.
    mutating func newEvents(for incarnation: Incarnation) -> [String] {
        streams.removeValue(forKey: incarnation) ?? []
    }

    private mutating func record(_ work: (inout HubStateMachine, inout HubStateMachine.Output) -> Void) {
        var output = HubStateMachine.Output()
        work(&machine, &output)
        if let id = output.contestedSession { contestedSessions.append(id.letter) }
        for (incarnation, events) in output.events {
            streams[incarnation, default: []] += events.words
            allEvents += events.words.map { "\(incarnation.number): \($0)" }
        }
    }
}
