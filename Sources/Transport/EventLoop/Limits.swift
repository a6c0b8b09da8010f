/// The bounds of one process that no option sets. Every layer on a loop reads them from it, so that a simulation can draw small
/// ones and pass each. Sizes are in bytes.
package struct Limits: Sendable {
    // MARK: Sockets and pipes

    /// How much one read takes.
    package var read = 128 << 10
    /// A queue that falls to this has drained: what waits for room is written again, such as history, of which nothing is
    /// written above it.
    package var lowWater = 64 << 10
    /// Beyond this a connection does not wait for the end of the turn to write, so that its queue is what the kernel refuses.
    package var eagerWrite = 128 << 10
    /// How many bytes a pipe is asked to hold.
    package var pipe = 256 << 10
    /// What waits for a pipe is joined up to this: a million small pieces would be slow to keep and to write one by one.
    package var joinedPipeWrite = 64 << 10
    /// How much of the requests behind the one being answered is kept before reading stops.
    package var requestBacklog = 64 << 10

    /// What a peer must have taken or sent between two looks to be taken for alive: less comes from one that is not, by the
    /// trickle of a half-open connection or by intent.
    package var leastProgress = 16 << 10
    /// How long the peer of a connection that is being closed may do nothing.
    package var linger = Duration.seconds(5)
    /// From the end of a request's head to that of its body.
    package var requestBody = Duration.seconds(60)
    /// Between the requests of a connection.
    package var idleConnection = Duration.seconds(75)
    /// How many packets the answer to a poll carries; python-engineio refuses more.
    package var answerPackets = 16
    /// How much it carries behind its first packet, because what it carries is kept.
    package var answer = 64 << 10

    // MARK: Workers

    /// Events and messages are handed to connections in pieces of about this size.
    package var piece = 64 << 10
    /// How much of the recent messages is kept for readers that are a little behind.
    package var recentMessages = 1 << 20
    /// How many messages one page of the history has.
    package var pageMessages = 512
    /// How much text one page has, beyond its first message.
    package var page = 64 << 10
    /// How many pages are read at the same time.
    package var openReads = 4
    /// A client for which more than this waits misses volatile events, and gets stored messages from the history. More than
    /// ``lowWater``.
    package var slowMark = 256 << 10
    /// How much is gathered for the hub before the turn ends.
    package var outbox = 1 << 20
    /// How many claims of a worker may be unanswered.
    package var openClaims = 16
    /// How much the answers to open claims may have together.
    package var claimAnswers = 16 << 20
    /// How many packets may wait for the answer to a claim, and how many bytes, before the client is not read.
    package var earlyPackets = 256
    package var earlyPacketBytes = 1 << 20
    /// How many events may wait for a suspended handler, and how many bytes.
    package var waitingEvents = 256
    package var waitingEventBytes = 1 << 20
    /// How much of what a socket does may wait for what it did before.
    package var heldActions = 1024
    package var heldActionBytes = 1 << 20

    // MARK: Links and hub

    /// Batches are cut into frames of about this size, so that the receiver works while the rest is on its way.
    package var frame = 256 << 10
    /// How much may wait for the other side of a link.
    package var linkQueue = 64 << 20
    /// Above this a link is congested: commits pause while the other side still reads.
    package var congestedLink = 8 << 20
    /// How many messages are committed together.
    package var groupMessages = 1024
    /// How many past stays in rooms a session remembers.
    package var pastStays = 256

    package init() {}
}
