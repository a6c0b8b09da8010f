import Actors

extension WorkerLink {
    /// A command from the hub's process.
    package enum Command: Sendable {
        /// Close every session at once and exit.
        case stop
        /// Send the clients away and exit.
        case drain(DrainPlan)
        /// Log the counters.
        case report
        /// Send the metrics.
        case measure
    }

    /// Sends the metrics.
    package func send(_ samples: MetricSamples) {
        sendFrame(.metrics) { $0.append(samples) }
    }
}
