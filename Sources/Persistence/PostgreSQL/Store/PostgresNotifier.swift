import Transport

/// Tells the other servers of a database that there are new rows, and learns it from them. A notification only makes a
/// poll earlier, so none needs to arrive.
///
/// It has a session of its own: a notification in the transaction of a group would hold a lock of the whole database
/// server while the group is written to the disk.
actor PostgresNotifier {
    private static let channel = "chatd_rows"
    private static let timeout = Duration.seconds(5)
    private static let notification = PostgresStatement("NOTIFY \(channel)")
    /// A notification need not be on the disk.
    private static let keepAlive = PostgresStatement("SELECT set_config('synchronous_commit', 'off', false)")

    private nonisolated let loop: EventLoop
    private let client: PostgresClient
    private var isNotifying = false
    private var mustNotifyAgain = false
    private var isChecking = false
    private var isListening = false

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    init(_ url: PostgresURL, applicationName: String, on loop: EventLoop) {
        self.loop = loop
        client = PostgresClient(url, applicationName: applicationName, on: loop)
    }

    /// Calls `changed` for each notification, and when notifications may have been missed.
    func listen(_ changed: @escaping @Sendable () -> Void) async {
        isListening = true
        await client.listen(to: Self.channel, changed)
        keepListening()
    }

    /// Opens the session again if it has ended. Called now and then.
    nonisolated func keepListening() {
        loop.startTask { await self.check() }
    }

    private func check() async {
        guard isListening, !isChecking else { return }
        isChecking = true
        _ = try? await client.run(Self.keepAlive, within: Self.timeout)
        isChecking = false
    }

    /// Tells the other servers that rows were stored. While a notification is on its way, the next one waits for it.
    nonisolated func notifyOthers() {
        loop.startTask { await self.notify() }
    }

    private func notify() async {
        guard !isNotifying else {
            mustNotifyAgain = true
            return
        }
        isNotifying = true
        repeat {
            mustNotifyAgain = false
            _ = try? await client.run(Self.notification, within: Self.timeout)
        } while mustNotifyAgain
        isNotifying = false
    }

    func close() async {
        await client.close()
    }
}
