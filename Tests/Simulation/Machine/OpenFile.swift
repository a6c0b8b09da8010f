import Glibc
import Transport

/// An open file description. Several descriptors, also of different processes, may refer to it.
class OpenFile {
    private(set) var references = 0

    func retain() {
        references += 1
    }

    func release() {
        references -= 1
        if references == 0 { lastReferenceClosed() }
    }

    /// The events that a poller reports now.
    var readiness: EventMask { [] }

    func lastReferenceClosed() {}
}

final class ListenerFile: OpenFile {
    let address: SocketAddress
    var backlog: [SocketEnd] = []
    private let closed: () -> Void

    init(_ address: SocketAddress, closed: @escaping () -> Void) {
        self.address = address
        self.closed = closed
    }

    override var readiness: EventMask { backlog.isEmpty ? [] : .readable }

    override func lastReferenceClosed() {
        for end in backlog { end.reset() }
        backlog = []
        closed()
    }
}

final class SocketFile: OpenFile {
    let end: SocketEnd

    init(_ end: SocketEnd) {
        self.end = end
    }

    override var readiness: EventMask {
        var events: EventMask = []
        let (incoming, outgoing) = (end.incoming, end.outgoing)
        if incoming.hasResetArrived { return [.readable, .writable, .peerClosed, .failed] }
        if incoming.arrivedCount > 0 || incoming.hasEndArrived { events.insert(.readable) }
        if incoming.hasEndArrived { events.insert(.peerClosed) }
        if outgoing.space > 0 { events.insert(.writable) }
        if incoming.hasEndArrived, outgoing.isEnded { events.insert(.failed) }
        return events
    }

    override func lastReferenceClosed() {
        end.close()
    }
}

/// The buffer between the two ends of a pipe.
final class SimulatedPipe {
    let capacity: Int
    var bytes: [UInt8] = []
    var hasReader = true
    var hasWriter = true

    init(capacity: Int) {
        self.capacity = capacity
    }
}

final class PipeReadEnd: OpenFile {
    let pipe: SimulatedPipe

    init(_ pipe: SimulatedPipe) {
        self.pipe = pipe
    }

    override var readiness: EventMask {
        if !pipe.bytes.isEmpty { return pipe.hasWriter ? .readable : [.readable, .failed] }
        return pipe.hasWriter ? [] : .failed
    }

    override func lastReferenceClosed() {
        pipe.hasReader = false
        pipe.bytes = []
    }
}

final class PipeWriteEnd: OpenFile {
    let pipe: SimulatedPipe

    init(_ pipe: SimulatedPipe) {
        self.pipe = pipe
    }

    override var readiness: EventMask {
        guard pipe.hasReader else { return [.writable, .failed] }
        return pipe.bytes.count < pipe.capacity ? .writable : []
    }

    override func lastReferenceClosed() {
        pipe.hasWriter = false
    }
}

final class SignalFile: OpenFile {
    let signals: [CInt]
    unowned let process: SimulatedProcess

    init(_ signals: [CInt], of process: SimulatedProcess) {
        self.signals = signals
        self.process = process
    }

    override var readiness: EventMask {
        process.pendingSignals.contains(where: signals.contains) ? .readable : []
    }
}

/// The file behind a descriptor that only reserves its number.
final class ReservedFile: OpenFile {}
