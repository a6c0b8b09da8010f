/// The other nodes of one namespace that have sent something a short time ago. A value without I/O.
///
/// Their silence is counted in ticks of a second, so that they are not dropped when this process was paused: a late
/// tick still counts as one.
struct ClusterNodes {
    /// The number of ticks after which a silent node is dropped, as by the official adapters.
    static let maxSilence = 10
    /// The maximum number of nodes. Further ones are not noticed.
    static let limit = 1000

    private var silence: [String: Int] = [:]

    /// The ids of the nodes.
    var ids: Set<String> { Set(silence.keys) }

    /// The node has sent something.
    mutating func hear(_ node: String) {
        if silence[node] != nil || silence.count < Self.limit { silence[node] = 0 }
    }

    /// The node has said that it is gone.
    mutating func remove(_ node: String) {
        silence[node] = nil
    }

    /// A second has passed.
    /// - Returns: the nodes that are dropped, in the order of their ids.
    mutating func tick() -> [String] {
        for node in silence.keys { silence[node, default: 0] += 1 }
        let gone = silence.filter { $0.value >= Self.maxSilence }.keys.sorted()
        for node in gone { silence[node] = nil }
        return gone
    }
}
