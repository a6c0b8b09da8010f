/// Counts the open channels of a server.
final class ChannelGauge {
    var open = 0 {
        didSet {
            guard open == 0 else { return }
            let ended = waits
            waits = []
            for wait in ended { wait.becameEmpty() }
        }
    }
    /// Notified when the last channel closes.
    var waits: [ClosingWait] = []
}
