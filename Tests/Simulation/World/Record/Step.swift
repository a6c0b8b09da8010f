/// The kinds of steps in a simulated cluster. Each is counted, so that no rule holds only because its situation never
/// occurred.
package enum Step: Int, CaseIterable, Sendable {
    // Processes and links
    case workerKilled, workerKilledMidTurn, workerPaused, workerResumed, workerStarted, primaryKilled,
        connectionsPaused,
        linkCongested, machineSuspended
    case secondPrimaryRefused, secondPrimaryStarted, foreignStartRecorded
    // Start and stop
    case served, stopRequested, stopRequestedAgain, serverStopped, stopOverdue, closedByStop
    case workerStopOverdue, workerStartOverdue, portOccupied, storeLocked, startAbandoned, startInterrupted,
        countersReported, stoppedAtOnce, workerReplaced, replacementAbandoned
    // A shared port
    case connectionPassedOn, newSessionPassedOn, passingDelayed, connectionTakenOver, connectionRefusedForEnd
    // The store
    case groupInserted, groupCommitted, groupVisible, groupReported, groupPublished
    case superseded, groupRolledBack, unknownCommitStored, unknownCommitAbsent, outcomeUnknown
    case foreignRow, foreignRowsPublished, groupDeferred, repeatStored, derivedKeyStored, gapInIDs
    case databaseBusy, pollFailed, fileOpened, memoryOpened, lostCommitRecovered
    // Sessions
    case sessionBegun, sessionLost, sessionDeleted, recovered, refused, refusedWithRow, networkChanged, claimContested
    case claimRateLimited, sessionExpired, logTrimmed, staleOperation, staleOffset, eventReplayed
    // Delivery of stored messages
    case pageRead, pageFailed, pageTruncated, pageFromMemory, latestLocated, becameLive, becameSlow,
        historyPaused
    // Connections
    case transportPartitioned, closedByClient, timedOutByClient, disconnectedByClient, disconnectedByServer,
        refusedByServer, readingStopped
    case polled, requestLost, requestRepeated, upgraded, upgradeFailed
    case overflowed, pingTimedOut, heartbeatSuspended, creditExhausted, connectionRefused, lingerEnded, lingerReset
    // Namespaces
    case namespaceJoined, namespaceLeft, namespaceRefused
    // Operations on all sockets
    case socketsJoined, socketsLeft, socketsDisconnected, lostSocketChanged, lostSocketDisconnected
    case socketsFetched, fetchTooLarge, fetchTimedOut
    case clientsAnswered, serversAnswered, serverFailed, inquiryIncomplete, inquiryTooLarge, inquiryTimedOut
    // Messages and events
    case offlineOffset, resent, sendAbandoned, acknowledged, acknowledgedLive, acknowledgedWithID, detailsReceived,
        nameReceived, historyRead
    case broadcastReceived, volatileReceived, volatileMissed, directReceived, nameTakenAsOffset, binaryReceived, relayed
    case joinAcknowledged, leaveAcknowledged, manyRequestsInOneEvent
    // Several hosts
    case clientMoved, epochUnread, messageOfOtherHost, messageLost, messageDropped, gapDelivered, hostsAnswered,
        namespaceReleased
    case sessionGiven, sessionNotGiven, sessionArrived, changedOnTheWay, recoveredFromOtherHost, claimRefusedElsewhere,
        entryAdded, entryRepeated, entryTrimmed, entriesMissed, entriesLost, entryBelowPosition, questionHeld,
        sessionKept, sessionTaken, nothingTaken, sessionRestored, sessionNotRestored, sessionPassedOn,
        takenSessionForgotten, resumedWithoutBroker, absentValueAccepted, keyLost, historyPageRead, silentHostIgnored,
        lateMessageRead, lateMessageDropped
    case brokerConnected, brokerConnectionLost, brokerRestarted, brokerHung, brokerPartitioned, hostCutOff,
        hostConnectedAgain, databaseRestarted, hostFrozen, hostKilled
    case questionAnswered, questionTimedOut, questionLost, questionIgnored, questionAnsweredTwice
}

extension Step {
    /// True if the step needs several hosts.
    package var isOfSeveralHosts: Bool {
        (Step.clientMoved.rawValue...Step.hostKilled.rawValue).contains(rawValue)
    }

    /// No run fills the memory limit for unfinished input. In one of about 700 seeds of several hosts, a host cannot
    /// read an epoch of the database for so long that it answers a claim without it. In one of about 2000, a host
    /// refuses a claim because of hosts that were silent before. In one of about 1000, a host passes a session on that
    /// it has just taken from the broker. In one of about 600, a host without a connection to the broker resumes a
    /// session that another host has taken, and in one of about 400, a missing value is not one that was taken.
    fileprivate var isRare: Bool {
        switch self {
        case .refusedByServer, .epochUnread, .silentHostIgnored, .sessionPassedOn, .resumedWithoutBroker,
            .absentValueAccepted:
            true
        default: false
        }
    }

    /// The name in lower-case words, such as `worker killed`.
    package var words: String {
        var words = ""
        for character in String(describing: self) {
            if character.isUppercase, !words.hasSuffix(" i") { words.append(" ") }
            words.append(contentsOf: character.lowercased())
        }
        return words
    }
}

/// The number of times each kind of step occurred.
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

    /// The steps that must occur and never did.
    /// - Parameter isOfSeveralHosts: true for the steps of several hosts, false for all others.
    package func missing(isOfSeveralHosts: Bool) -> [Step] {
        Step.allCases.filter { self[$0] == 0 && $0.isOfSeveralHosts == isOfSeveralHosts && !$0.isRare }
    }
}
