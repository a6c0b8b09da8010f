import Actors
import Transport

/// What a client sends to a worker.
enum ClientPacket {
    /// What the client brings when it connects.
    struct Credentials {
        var privateID: SessionID?
        var offset: String?
        var serverOffset: Int64?
        var latest: Int?
        var asksForDetails = false
    }

    /// What one event asks the application for, in this order.
    enum Request {
        case join(String)
        case leave(String)
        /// An event for rooms, or for everyone; without the sender if wished.
        case broadcast(Int, rooms: [String], isVolatile: Bool, exceptsSender: Bool, tail: Int)
        /// An event for the sender alone.
        case direct(Int)
        /// A volatile event for the sender alone whose name is its last string.
        case local
        case putOut

        /// The room that the sender wants to be in or not.
        var room: String? {
            switch self {
            case .join(let room), .leave(let room): room
            case .broadcast, .direct, .local, .putOut: nil
            }
        }
    }

    case connect(Credentials)
    case store(MessageDraft, acknowledgement: Int)
    case requests([Request], acknowledgement: Int)
    case leave
}
