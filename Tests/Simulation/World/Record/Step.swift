/// What can happen in a simulated cluster. Each kind is counted, so that no rule holds only because nothing happened.
package enum Step: Int, CaseIterable, Sendable {
    // Processes and links
    case workerKilled, killedInsideOfTurn, workerPaused, workerResumed, workerBegun, primaryKilled, writesHeld,
        linkCongested, machineSlept
    case secondPrimaryRefused, secondPrimaryStarted, foreignStart
    // Start and stop
    case served, stopAsked, stopAskedAgain, serverStopped, stopOverdue, closedByStop
    case workerStopOverdue, workerStartOverdue, portTaken, storeLocked, startGivenUp, startStopped, countersReported,
        hangUpIgnored
    // The store
    case groupInserted, groupCommitted, groupVisible, groupReported, groupPublished
    case superseded, groupRolledBack, unknownCommitStored, unknownCommitAbsent, outcomeUnknown
    case foreignRow, foreignRowsPublished, groupDeferred, repeatStored, derivedKeyStored, gapInIDs
    case databaseBusy, pollFailed, fileOpened, memoryOpened, lostCommitRecovered
    // Sessions
    case sessionBegun, sessionLost, sessionDeleted, recovered, refused, refusedWithRow, takenOver, claimContested
    case claimDamped, sessionExpired, logTrimmed, staleOperation, staleOffset, eventReplayed
    // Following the messages
    case pageRead, pageFailed, pageCut, recentGiven, locatedLatest, becameLive, becameSlow
    // Connections
    case transportCut, closedByClient, timedOutByClient, leftByClient, putOutByServer, refusedByServer, appetiteLost
    case polled, requestLost, requestRepeated, upgraded, upgradeFailed
    case overflowed, pingTimedOut, heartbeatSuspended, creditExhausted, connectionRefused, lingerEnded, lingerReset
    // Namespaces
    case namespaceJoined, namespaceLeft, namespaceRefused
    // Messages and events
    case offlineOffset, resent, gaveUp, acknowledged, acknowledgedLive, acknowledgedWithID, detailsReceived, historyRead
    case broadcastReceived, volatileReceived, volatileMissed, directReceived, localString, binaryReceived, relayed
    case joinAcknowledged, leaveAcknowledged, manyInOneTurn
    case questionAnswered, questionTimedOut, questionLost, questionIgnored, answeredTwice
}

extension Step {
    /// Such as `worker killed`.
    package var words: String {
        var words = ""
        for character in String(describing: self) {
            if character.isUppercase, !words.hasSuffix(" i") { words.append(" ") }
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

    /// The steps that never happened, without the one that cannot: no run fills the memory for unfinished input.
    package var missing: [Step] {
        Step.allCases.filter { self[$0] == 0 && $0 != .refusedByServer }
    }
}
