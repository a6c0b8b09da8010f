/// The names of the members of messages and of their parts, as all official adapters write them.
package enum MessageKey: String, CaseIterable, Sendable {
    case attachmentID = "attachmentId"
    /// The member that only this server writes; see ``EventStamp``.
    case chatd
    case clientCount
    case close
    case compress
    case data
    case except
    case expectSingleResponse
    case flags
    case handshake
    case id
    case node
    case nsp
    case number
    case opts
    case packet
    case pid
    case previous = "prev"
    case requestID = "requestId"
    case room
    case rooms
    case row
    case sid
    case sockets
    case timeout
    case type
    case uid
    case volatile

    /// The size of the longest name, in bytes.
    static let maxLength = allCases.reduce(0) { max($0, $1.rawValue.utf8.count) }
}
