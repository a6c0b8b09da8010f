/// The types of ``ClusterMessage``, numbered as on the wire (socket.io-adapter 2.5).
enum ClusterMessageType: Int {
    case initialHeartbeat = 1
    case heartbeat = 2
    case broadcast = 3
    case socketsJoin = 4
    case socketsLeave = 5
    case disconnectSockets = 6
    case fetchSockets = 7
    case fetchSocketsResponse = 8
    case serverSideEmit = 9
    case serverSideEmitResponse = 10
    case broadcastClientCount = 11
    case broadcastAcknowledgement = 12
    case adapterClose = 13
}
