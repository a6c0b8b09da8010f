import Actors
import Transport

/// A question for the session that a client claims.
struct SessionQuestion: Sendable, Equatable {
    /// The largest offset that is passed on, in bytes. The offsets of chatd are shorter.
    static let maxOffset = 256

    let name: QuestionName
    /// The client's secret.
    let privateID: SessionID
    /// The offset that the client presents; nil without one.
    let offset: String?
    /// The maximum size of the missed events that the client's worker accepts, in bytes.
    let maxMissedBytes: Int

    init(name: QuestionName, privateID: SessionID, offset: String?, maxMissedBytes: Int) {
        self.name = name
        self.privateID = privateID
        self.offset = offset
        self.maxMissedBytes = maxMissedBytes
    }

    /// The question for the session of a claim; nil if the claim presents no secret.
    init?(_ name: QuestionName, for claim: Claim) {
        guard let privateID = claim.privateID else { return nil }
        let offset = claim.offset.flatMap { text in
            text.utf8.count <= Self.maxOffset && Offset(text) != nil ? text : nil
        }
        self.init(name: name, privateID: privateID, offset: offset, maxMissedBytes: claim.maxMissedBytes)
    }

    /// The claim that stands for the question in the queue of the session's owner.
    func claim(in namespace: String) -> Claim {
        Claim(
            number: name.number, namespace: namespace, privateID: privateID, offset: offset,
            maxMissedBytes: maxMissedBytes)
    }
}
