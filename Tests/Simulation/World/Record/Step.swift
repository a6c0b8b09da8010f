/// What can happen in a simulated cluster. Each kind is counted, so that no rule holds only because nothing happened.
package enum Step: Int, CaseIterable, Sendable {
    // Processes and links
    case workerKilled, killedInsideOfTurn, tornFrame, workerPaused, workerResumed, linkHeld, heardOut
    case primaryKilled, secondPrimaryRefused, secondPrimaryStarted, superseded, foreignStart
    // Start and stop
    case served, stopAsked, stopAskedAgain, serverStopped, stopOverdue, closedByStop
    case workerStopOverdue, workerStartOverdue, portTaken, storeLocked, startGivenUp, startStopped, countersReported,
        hangUpIgnored
    // The store
    case groupInserted, groupCommitted, groupVisible, groupReported, groupPublished
    case groupRolledBack, unknownCommitStored, unknownCommitAbsent, outcomeUnknown
    case foreignRow, foreignRowsPublished, groupDeferred, repeatStored, derivedKeyStored, gapInIDs
    case databaseBusy, pollFailed, fileOpened, memoryOpened, lostCommitRecovered
    // Sessions
    case sessionBegun, sessionLost, sessionDeleted, claimed, recovered, refused, refusedWithRow
    case takenOver, claimDamped, ownershipLost, handedBack, staleOperation, staleOffset, eventReplayed, sessionGivenUp
    // Following the messages
    case pageRead, pageFailed, ringRead, locatedLatest, joinedLive, becameSlow, overflowed, firstMemberCaughtUp
    // Clients
    case transportCut, closedByClient, timedOutByServer, leftByClient, putOutByServer, refusedByServer, polled,
        requestLost, requestRepeated, upgraded
    case offlineOffset, resent, gaveUp, acknowledged, acknowledgedLive, broadcastReceived, volatileReceived
    case volatileMissed, directReceived, localString, joinAcknowledged, leaveAcknowledged, manyInOneTurn
    case detailsReceived, acknowledgedWithID
}

extension Step {
    /// Such as `worker killed`.
    package var words: String {
        var words = ""
        for character in String(describing: self) {
            if character.isUppercase, words.last?.isUppercase == false { words.append(" ") }
            words.append(contentsOf: character.lowercased())
        }
        return words
    }
}

/// How often each kind of step has happened.
package struct Coverage: Sendable, Equatable {
    private var counts = [Int](repeating: 0, count: Step.allCases.count)

    package init() {}

    package subscript(step: Step) -> Int { counts[step.rawValue] }

    mutating func note(_ step: Step, _ count: Int = 1) {
        counts[step.rawValue] += count
    }

    package mutating func add(_ other: Coverage) {
        for index in counts.indices { counts[index] += other.counts[index] }
    }

    /// What has not happened at all.
    package var missing: [Step] { Step.allCases.filter { self[$0] == 0 } }
}
