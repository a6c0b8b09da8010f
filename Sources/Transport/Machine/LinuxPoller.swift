import CLinux
import Glibc

/// An epoll instance, and an eventfd that wakes it.
///
/// Safety of `@unchecked Sendable`: the descriptors never change, and ``wake()`` only writes to the eventfd. `events`
/// is used only in ``wait(until:into:)``, which one thread calls at a time.
final class LinuxPoller: Poller, @unchecked Sendable {
    private static let wakeUpToken = UInt64.max

    private let epoll: CInt
    private let wakeUp: CInt
    private var events = [epoll_event](repeating: epoll_event(), count: 512)

    /// - Throws: ``SystemError`` if the process has no descriptor left.
    init() throws(SystemError) {
        epoll = clinux_epoll_create()
        guard epoll >= 0 else { throw SystemError("epoll_create1") }
        wakeUp = clinux_eventfd()
        guard wakeUp >= 0 else {
            let error = SystemError("eventfd")
            close(epoll)
            throw error
        }
        guard clinux_epoll_add(epoll, wakeUp, EventMask.readable.rawValue, Self.wakeUpToken) == 0 else {
            let error = SystemError("epoll_ctl")
            close(epoll)
            close(wakeUp)
            throw error
        }
    }

    deinit {
        close(wakeUp)
        close(epoll)
    }

    func watch(_ descriptor: CInt, for interest: EventMask, token: UInt64) throws(SystemError) {
        guard clinux_epoll_add(epoll, descriptor, interest.rawValue, token) == 0 else { throw SystemError("epoll_ctl") }
    }

    func setInterest(_ interest: EventMask, of descriptor: CInt, token: UInt64) {
        _ = clinux_epoll_modify(epoll, descriptor, interest.rawValue, token)
    }

    func unwatch(_ descriptor: CInt) {
        _ = clinux_epoll_remove(epoll, descriptor)
    }

    func wait(until deadline: ContinuousClock.Instant?, into ready: inout [Readiness]) -> Bool {
        ready.removeAll(keepingCapacity: true)
        let count = events.withUnsafeMutableBufferPointer {
            clinux_epoll_wait(epoll, $0.baseAddress, CInt($0.count), Self.milliseconds(until: deadline))
        }
        var isWoken = false
        for index in 0..<max(0, Int(count)) {
            let event = events[index]
            if event.data.u64 == Self.wakeUpToken {
                isWoken = true
            } else {
                ready.append(Readiness(token: event.data.u64, events: EventMask(rawValue: event.events)))
            }
        }
        if isWoken {
            var count: UInt64 = 0
            _ = Glibc.read(wakeUp, &count, 8)
        }
        return isWoken
    }

    private static func milliseconds(until deadline: ContinuousClock.Instant?) -> CInt {
        guard let deadline else { return -1 }
        let wait = deadline - ContinuousClock.now
        guard wait > .zero else { return 0 }
        let (seconds, attoseconds) = wait.components
        return CInt(clamping: min(seconds, 3600) * 1000 + attoseconds / 1_000_000_000_000_000 + 1)
    }

    func wake() {
        var one: UInt64 = 1
        _ = Glibc.write(wakeUp, &one, 8)
    }
}
