@_spi(Collections) import Actors
import Transport

/// The answers of the broker, and what follows when there is none.
extension KeptSessions {
    /// Handles the answer to a command of this value.
    /// - Returns: nil if nothing follows from it, or the command is another one.
    mutating func answered(_ number: UInt64, _ answer: SessionAnswer, at now: ContinuousClock.Instant) -> Outcome? {
        guard let (purpose, byteCount) = open.removeValue(forKey: number) else { return nil }
        openBytes -= byteCount
        var refusal: Outcome?
        if case .failed(let reason) = answer.content {
            pauseEnd = now + Self.pause
            refusal = .refused(reason)
        }
        switch purpose {
        case .remove(let removal):
            removed(removal, answer, at: now)
            return refusal
        case .write(let id, let digest, let value, let sentAt):
            // A session that has ended meanwhile is removed with all its digests.
            guard records[id]?.writing == number else {
                confirmLate(number, answer)
                return refusal
            }
            records[id]?.writing = nil
            switch answer.content {
            case .done: written(id, digest, value, sentAt: sentAt)
            case .other(let value) where isOwn(value): restored(id, value)
            case .other, .taken: return taken(id)
            case .absent:
                if let since = records[id]?.missingSince, now - since >= Self.doubt { return taken(id) }
                records[id]?.expected.digests.removeAll { $0 == digest }
                missed(id, at: now)
            default:
                records[id]?.expected.digests.removeAll { $0 == digest }
                records[id]?.isChanged = true
            }
            if records[id]?.isChanged == true { changed.append(id) }
            return refusal
        case .check(let id, let claim):
            switch answer.content {
            case .other(let value) where !isOwn(value): return taken(id, claim: claim)
            case .taken: return taken(id, claim: claim)
            case .absent where !mayBeAbsent(id):
                return mayHaveExpired(id, at: now) ? .expired(id, claim: claim) : taken(id, claim: claim)
            default: return .checked(claim: claim)
            }
        case .release(let id, let digest, let value, let sentAt):
            let isLatest = records[id]?.releasing == number
            if !isLatest { confirmLate(number, answer) }
            if isLatest { records[id]?.releasing = nil }
            guard answer == SessionAnswer(.done) else { return notReleased(id, answer, at: now) }
            written(id, digest, value, sentAt: sentAt)
            guard isLatest else { return nil }
            let isLast = digestsOnTheWay(of: id).isEmpty
            records[id]?.releasedAs = isLast ? digest : nil
            return .released(id, true)
        case .releaseWithoutValue(let id):
            guard answer == SessionAnswer(.done) || answer == SessionAnswer(.absent) && mayBeAbsent(id) else {
                if case .failed = answer.content { return .released(id, false) }
                return notReleased(id, answer, at: now)
            }
            forgetValue(of: id)
            return .released(id, true)
        }
    }

    private mutating func notReleased(
        _ id: SessionID, _ answer: SessionAnswer, at now: ContinuousClock.Instant
    ) -> Outcome {
        switch answer.content {
        case .absent where mayBeAbsent(id) || mayHaveExpired(id, at: now): return .expired(id)
        case .other(let value) where isOwn(value):
            restored(id, value)
            markChanged(id)
            return .released(id, false)
        case .other, .taken, .absent: return taken(id)
        case .failed(let reason): return .notReleased(id, reason: reason)
        default: return .released(id, false)
        }
    }

    /// The digests of the values that are on their way.
    func digestsOnTheWay(of id: SessionID) -> [SessionDigest] {
        [records[id]?.writing, records[id]?.releasing].compactMap { number in
            switch number.flatMap({ open[$0]?.purpose }) {
            case .write(_, let digest, _, _), .release(_, let digest, _, _): digest
            default: nil
            }
        }
    }

    /// True if this hub has written the value. After the broker has lost data, it has an older one again.
    func isOwn(_ value: [UInt8]) -> Bool { (try? StreamSession(value))?.places?.host == host }

    /// True if the broker has confirmed no value that would have to be there.
    private func mayBeAbsent(_ id: SessionID) -> Bool { records[id]?.expected.mayBeAbsent ?? true }

    /// True if a value that the broker had to have may have expired before the broker looked for it: its answer came
    /// late.
    private func mayHaveExpired(_ id: SessionID, at now: ContinuousClock.Instant) -> Bool {
        records[id]?.expiry.map { now >= $0 - tolerance } ?? false
    }

    private mutating func taken(_ id: SessionID, claim: UInt64? = nil) -> Outcome {
        records[id] = nil
        return .taken(id, claim: claim)
    }

    /// The broker has an older value.
    private mutating func restored(_ id: SessionID, _ value: [UInt8]) {
        guard let record = records[id] else { return }
        records[id]?.expect([SessionDigest(of: value)])
        records[id]?.expiry = nil
        records[id]?.isChanged = record.isChanged || record.writing == nil
    }

    /// There is no value although there must be one.
    private mutating func missed(_ id: SessionID, at now: ContinuousClock.Instant) {
        guard records[id]?.missingSince == nil else { return }
        records[id]?.missingSince = now
        doubts.append((id, now + Self.doubt))
    }

    private mutating func written(
        _ id: SessionID, _ digest: SessionDigest, _ value: Value, sentAt: ContinuousClock.Instant
    ) {
        let later = digestsOnTheWay(of: id)
        records[id]?.expect([digest] + later)
        records[id]?.expiry = sentAt + value.life
        records[id]?.missingSince = nil
        records[id]?.isCopy = false
        guard value.isConnected else { return }
        let refresh = sentAt + interval
        records[id]?.refresh = refresh
        awaitRefresh(id, refresh)
    }

    /// The broker has answered a write of a session that is gone.
    private mutating func confirmLate(_ number: UInt64, _ answer: SessionAnswer) {
        if answer == SessionAnswer(.done), lateWrites[number] != nil { lateWrites[number] = true }
    }

    /// The connection has ended. It is not known whether the commands without an answer were carried out.
    mutating func connectionEnded() {
        for (number, (purpose, _)) in open.sorted(by: { $0.key < $1.key }) {
            switch purpose {
            case .write(let id, _, _, _):
                guard records[id]?.writing == number else { continue }
                records[id]?.writing = nil
                records[id]?.isChanged = true
                changed.append(id)
            case .check: break
            case .release(let id, _, _, _):
                records[id]?.releasing = nil
                markChanged(id)
            case .releaseWithoutValue(let id):
                records[id]?.expected.mayBeAbsent = true
                markChanged(id)
            case .remove(let removal): repeatRemoval(removal)
            }
        }
        open = [:]
        openBytes = 0
        pauseEnd = nil
    }

    /// The broker may have lost values. All are written again.
    mutating func valuesMayBeLost() {
        for id in records.keys.sorted() {
            records[id]?.expected.mayBeAbsent = true
            records[id]?.missingSince = nil
            markChanged(id)
        }
    }
}
