/// A question of one host to the others, as its backplane knows it.
struct OpenQuestion {
    /// True if clients answer, after the hosts have told how many.
    let asksClients: Bool
    /// The number of the other nodes; nil until the broker has told it.
    var nodes: Int?
    /// The number of nodes that have answered.
    var answers = 0
    /// The number of clients of these nodes, and of those that have answered.
    var clients = 0
    var acknowledgements = 0

    var isComplete: Bool { nodes.map { answers >= $0 } ?? false && acknowledgements >= clients }
}
