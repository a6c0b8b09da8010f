import Cluster

/// The connection of a host to the broker. What is in flight is lost if the connection breaks.
final class BrokerLink {
    unowned let backplane: SimulatedBackplane
    /// The host's node and oracle, also when its process has ended.
    let node: String
    let model: HubOracle
    var namespaces: Set<String> = []
    /// What the host has sent and the broker has not taken.
    var outgoing: [BrokerItem] = []
    /// What the broker has sent and the host has not taken.
    var incoming: [BrokerItem] = []
    /// True if nothing travels, because the network drops it.
    var isPartitioned = false
    /// The time at which the broker or the network stopped to answer, since the start of the run.
    var silentSince: Duration?
    /// True if the host has given the connection up, and the broker has not read it to its end.
    var isGivenUp = false
    /// The time at which the broker reads it to its end.
    var readAt = Duration.zero
    /// Why the connection has ended; nil while it is open.
    var end: String?

    init(of backplane: SimulatedBackplane) {
        self.backplane = backplane
        node = backplane.node
        model = backplane.model
    }
}
