/// The limits of one process that no option sets. Every layer reads them from its event loop, so that a simulation can
/// choose small values and exceed each limit. Sizes are in bytes.
package struct Limits: Sendable {
    // MARK: Sockets and pipes

    /// The size of the read buffer.
    package var read = 128 << 10
    /// A send queue at or below this size counts as drained. Paced output, such as history, is written only then.
    package var lowWater = 64 << 10
    /// If more than this is queued on a connection, the connection writes before the end of the turn. Its queue then
    /// shows how much the kernel refuses, and not how much one turn produces.
    package var eagerWrite = 128 << 10
    /// The capacity requested for a pipe.
    package var pipe = 256 << 10
    /// Writes that wait for a pipe are joined up to this size. A million small pieces would be slow to keep and to
    /// write one by one.
    package var joinedPipeWrite = 64 << 10
    /// Reading stops while at least this much pipelined input waits behind the request being answered.
    package var requestBacklog = 64 << 10

    /// A peer must have received or sent this much between two checks to count as alive. A trickle, from a half-open
    /// connection or on purpose, does not suffice.
    package var minimumProgress = 16 << 10
    /// The time for which the peer of a closing connection may make no progress.
    package var linger = Duration.seconds(5)
    /// The time from the end of a request's head to the end of its body.
    package var requestBody = Duration.seconds(60)
    /// The largest number of packets in the answer to a poll. The python-engineio client refuses more.
    package var answerPackets = 16
    /// The largest size of the answer to a poll, not counting its first packet. It is bounded because answers are kept
    /// until the client confirms them.
    package var answer = 64 << 10

    // MARK: Workers

    /// Events and messages are delivered to connections in pieces of about this size.
    package var piece = 64 << 10
    /// The size of the recent messages kept for readers that are slightly behind.
    package var recentMessages = 1 << 20
    /// The number of messages in one page of the history.
    package var pageMessages = 512
    /// The size of the text in one page. A larger message is a page of its own.
    package var page = 64 << 10
    /// The largest number of pages read concurrently; nil for that of the server's options.
    package var openReads: Int?
    /// A client with more than this pending loses volatile events, and later reads stored messages from the history.
    /// Must be larger than ``lowWater``.
    package var slowMark = 256 << 10
    /// A turn ends early once the requests that a worker submits have reached this size.
    package var outbox = 1 << 20
    /// The largest number of unanswered claims of one worker.
    package var openClaims = 16
    /// The largest total size of the answers to open claims.
    package var claimAnswers = 16 << 20
    /// The largest number of unanswered fetches of one worker, and the largest size of the answer to each.
    package var openFetches = 4
    package var fetchAnswer = 4 << 20
    /// The largest number of unanswered inquiries of one worker to clients of all workers, and the same number for
    /// those to its own clients and for those to the other workers.
    package var openInquiries = 1024
    /// The largest size of the answers to one inquiry, and of those to all unanswered inquiries of one worker.
    package var inquiryAnswers = 4 << 20
    package var allInquiryAnswers = 16 << 20
    /// The largest event that asks for answers or goes to the other workers. It must fit in one frame of a link.
    package var inquiryEvent = 32 << 20
    /// The number from which acknowledgement ids count; nil for a random one.
    package var numberingStart: UInt64?
    /// The number of asynchronous handlers of other workers' events that may run at once.
    package var serverHandlers = 1024
    /// The number and size of the packets that may wait for a claim's answer before reading from the client stops.
    package var earlyPackets = 256
    package var earlyPacketBytes = 1 << 20
    /// The number and size of the events that may wait for a suspended handler.
    package var waitingEvents = 256
    package var waitingEventBytes = 1 << 20
    /// The number of concurrent handlers of one socket that may run at once.
    package var concurrentHandlers = 64
    /// The number and size of a socket's actions that may wait for earlier ones.
    package var heldActions = 1024
    package var heldActionBytes = 1 << 20

    // MARK: Several hosts

    /// How long a claim waits for a session of another host, unless half the backplane's patience is longer.
    package var sessionWait = Duration.seconds(1)
    /// The largest number of questions for such sessions that are open at a time.
    package var sessionQuestions = 1024

    // MARK: Links between processes

    /// Batches are split into frames of about this size, so that the receiver can work on one while the next is in
    /// flight.
    package var frame = 256 << 10
    /// The largest size of the queue of a link.
    package var linkQueue = 64 << 20
    /// A link with more than this queued is congested. While its other side still reads, commits pause, so that it can
    /// catch up.
    package var congestedLink = 8 << 20
    /// The number of events that a link keeps for a worker whose server has not started yet. Later ones are dropped.
    package var earlyEvents = 1024
    /// The number of messages in one commit.
    package var groupMessages = 1024
    /// The size of the messages in one commit, without the last one. The first message of a client that sends little
    /// waits for one commit of those that send much.
    package var groupBytes = 256 << 10
    /// The number of past room memberships that a session remembers.
    package var pastStays = 256

    package init() {}
}
