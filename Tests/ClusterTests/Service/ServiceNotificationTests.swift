import Testing

@testable import Cluster

@Suite("Messages to the service manager")
struct ServiceNotificationTests {
    private func text(_ message: ServiceNotification) -> String {
        String(decoding: message.bytes, as: UTF8.self)
    }

    @Test("each message is one datagram of lines")
    func format() {
        #expect(text(.ready(status: "accepts connections")) == "READY=1\nSTATUS=accepts connections")
        #expect(text(.status("x")) == "STATUS=x")
        let time = Duration.seconds(5) + .nanoseconds(1999)
        #expect(text(.reloading(monotonicTime: time)) == "RELOADING=1\nMONOTONIC_USEC=5000001")
        #expect(text(.stopping) == "STOPPING=1\nSTATUS=stopping")
        #expect(text(.watchdog) == "WATCHDOG=1")
    }

    @Test("a status is one line of limited length")
    func status() {
        #expect(text(.status("a\nREADY=1\r\u{85}\0b")) == "STATUS=a READY=1   b")
        #expect(text(.status(String(repeating: "x", count: 10_000))).utf8.count == 7 + ServiceNotification.maxStatus)
        // A character is not cut in its middle.
        #expect(text(.status(String(repeating: "ü", count: 251))) == "STATUS=" + String(repeating: "ü", count: 250))
        #expect(text(.status("x" + String(repeating: "ü", count: 250))).utf8.count == 7 + 499)
    }
}
