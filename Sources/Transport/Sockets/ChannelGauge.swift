/// How many channels of a server are open.
final class ChannelGauge {
    var open = 0 {
        didSet {
            guard open == 0 else { return }
            let ended = waits
            waits = []
            for wait in ended { wait.becameEmpty() }
        }
    }
    /// Told when the last channel has closed.
    var waits: [ClosingWait] = []
}
