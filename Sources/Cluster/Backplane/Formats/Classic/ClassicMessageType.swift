/// The types of requests of the Redis adapter 8.3, numbered as on the wire. The last three are also types of answers.
enum ClassicMessageType: Int {
    case sockets = 0
    case allRooms = 1
    case remoteJoin = 2
    case remoteLeave = 3
    case remoteDisconnect = 4
    case remoteFetch = 5
    case serverSideEmit = 6
    case broadcast = 7
    case broadcastClientCount = 8
    case broadcastAcknowledgement = 9
}
