/// The names of the members of messages and of their parts, as all official adapters write them.
package enum MessageKey: String, CaseIterable, Sendable {
    case attachmentID = "attachmentId"
    /// Only this server writes it: the entry of a stream after which a question was asked.
    case after = "chatdAfter"
    case before
    case begins
    /// The member that only this server writes; see ``EventStamp``.
    case chatd
    case claims
    case clientCount
    case close
    case compress
    case counter
    case data
    case entries
    case epoch
    case events
    case except
    case expectSingleResponse
    case flags
    case forgotten
    case group
    case handshake
    case host
    case id
    case inherited
    case joined
    case keeps
    case kept
    case left
    case limit
    case node
    case nsp
    case number
    case offset
    case opts
    case packet
    case pid
    case position
    case previous = "prev"
    case questions
    case requestID = "requestId"
    case room
    case rooms
    case row
    case sid
    case sockets
    case start
    case stays
    case text
    case timeout
    case type
    case uid
    case version
    case volatile

    /// The size of the longest name, in bytes.
    static let maxLength = allCases.reduce(0) { max($0, $1.rawValue.utf8.count) }
}
