import Actors
import Transport

/// The sessions that are on their way from one hub to another, and where sessions are.
///
/// A session is in the oracle of the hub that has it, or here. So it is at one host at a time, if the hubs do the same.
///
/// Safety of `@unchecked Sendable`: a simulation has one thread.
final class SessionMoves: @unchecked Sendable {
    private let record: Record
    /// The oracles of the present hubs.
    var oracles: () -> [HubOracle] = { [] }
    /// The sessions that were given and have not arrived, by the names of the questions.
    private var given: [String: HubOracle.Session] = [:]
    /// The step at which the hosts or what connects them were last disturbed.
    private var lastDisturbance = 0

    init(_ record: Record) {
        self.record = record
    }

    /// A session leaves its hub.
    func give(_ session: HubOracle.Session, to question: String) {
        record.require(
            given[question] == nil, .sessionIsAtOneHost, "two sessions are given to the question \(question)")
        given[question] = session
    }

    /// A session arrives.
    /// - Returns: nil if no hub has given it.
    func take(by question: String) -> HubOracle.Session? { given.removeValue(forKey: question) }

    /// The session with this id, if it is on its way or was lost there.
    func session(_ id: SessionID) -> HubOracle.Session? { given.values.first { $0.id == id } }

    /// The session with this secret, with the oracle of the hub that has it.
    func owner(of secret: SessionID) -> (oracle: HubOracle, session: HubOracle.Session)? {
        for oracle in oracles() {
            if let session = oracle.secrets[secret], !session.isDeleted, session.takenAt == nil {
                return (oracle, session)
            }
        }
        return nil
    }

    // MARK: Disturbances

    /// Something may keep hosts from answering each other, or has lost messages.
    func noteDisturbance() {
        lastDisturbance = record.time
    }

    /// True if all hosts could answer each other since then.
    func isUndisturbed(since step: Int) -> Bool { lastDisturbance < step }
}
