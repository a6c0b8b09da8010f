import Actors
import Transport

/// Sessions that move to other hosts, or from them.
extension KeptSessions {
    /// The command that prepares a session to be given to another host, which asks for it: writes its present value,
    /// over which the other host writes then. So the session survives both hosts. The answer is an
    /// ``Outcome/released(_:_:)``, ``Outcome/taken(_:claim:)`` or ``Outcome/expired(_:claim:)``.
    /// - Parameter value: what is written; nil if the session cannot be resumed, or its value cannot be written. Then
    ///   its key is removed, as it is if the value is too large.
    mutating func release(
        _ id: SessionID, _ privateID: SessionID, _ value: Value?, as number: UInt64, at now: ContinuousClock.Instant
    ) -> SessionCommand {
        let expected = expectedNext(id, at: now)
        guard let value, value.bytes.count <= Self.maxValue else {
            return add(.releaseWithoutValue(id), SessionCommand(.remove(privateID, expected)), as: number)
        }
        let digest = SessionDigest(of: value.bytes)
        if records[id] == nil { note(id, privateID) }
        records[id]?.releasing = number
        expect(digest, of: id)
        return add(
            .release(id, digest, value, sentAt: now),
            SessionCommand(.write(privateID, value.bytes, over: expected, life: value.life)), as: number)
    }

    /// True if the broker did not have the value of a session when it was last asked, although it had to.
    func isMissing(_ id: SessionID) -> Bool { records[id]?.missingSince != nil }

    /// The value was removed. If the session stays, it is written again, and may have been already.
    mutating func forgetValue(of id: SessionID) {
        let later = digestsOnTheWay(of: id)
        records[id]?.expect(later, mayBeAbsent: true)
        records[id]?.expiry = nil
        records[id]?.releasedAs = nil
        markChanged(id)
    }

    /// The value with which a session is given to another host; nil if the broker has none.
    func releasedValue(of id: SessionID) -> SessionDigest? { records[id]?.releasedAs }

    /// Another host has been given the session, with its value if there is one.
    mutating func handOver(_ id: SessionID) {
        if records[id]?.releasedAs != nil { records[id] = nil } else { remove(id, hasEnded: false) }
    }

    /// This host has been given a session, with its value.
    /// - Parameter time: the value was written after it, so it is there for the time of a lost session at least.
    mutating func adopt(
        _ id: SessionID, _ privateID: SessionID, _ digest: SessionDigest, writtenAfter time: ContinuousClock.Instant
    ) {
        var record = Record(privateID, of: host)
        record.expect([digest])
        record.expiry = time + interval * 3
        records[id] = record
    }
}
