import Testing
import Transport

@testable import Cluster

@Suite("The outage of a broker")
struct OutageTests {
    private var outage = Outage(patience: .seconds(2))
    private let start = ContinuousClock.now

    @Test("attempts are frequent while the patience lasts")
    mutating func retries() {
        #expect(outage.retryLimit(at: start) == ReconnectDelay.longest)
        outage.begin(at: start)
        #expect(outage.retryLimit(at: start + .seconds(1.9)) == .milliseconds(250))
        #expect(outage.retryLimit(at: start + .seconds(2)) == ReconnectDelay.longest)
        // A connection on which no message comes back does not end it.
        outage.begin(at: start + .seconds(1))
        #expect(outage.retryLimit(at: start + .seconds(2)) == ReconnectDelay.longest)
        outage.end()
        #expect(outage.retryLimit(at: start) == ReconnectDelay.longest)
    }

    @Test("a connection waits for other hosts, but not until the hub is cut off")
    mutating func returning() {
        #expect(outage.returnDeadline(at: start) == nil)
        outage.begin(at: start)
        #expect(outage.returnDeadline(at: start) == start + .seconds(1.5))
        #expect(outage.returnDeadline(at: start + .seconds(1)) == start + .seconds(1.8))
    }
}
