import CLinux
import Glibc

/// What the kernel is told, and asked, about one connected socket.
enum TCPSocket {
    /// How much that it has not sent the kernel keeps for a peer, and takes before it calls a socket writable again. With
    /// its own idea of it, a ping waits behind megabytes, and they are held for everybody who reads nothing.
    private static let kernelShare: CInt = 128 * 1024

    /// Nothing waits for more to send, and little for what is sent already.
    static func prepare(_ descriptor: CInt) {
        set(TCP_NODELAY, to: 1, of: descriptor)
        set(TCP_NOTSENT_LOWAT, to: kernelShare, of: descriptor)
    }

    private static func set(_ option: CInt, to value: CInt, of descriptor: CInt) {
        var value = value
        setsockopt(descriptor, CInt(IPPROTO_TCP), option, &value, socklen_t(MemoryLayout<CInt>.size))
    }

    /// Makes closing the socket forget what the peer has not taken, and tell the peer so.
    static func resetWhenClosed(_ descriptor: CInt) {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    /// How many bytes the kernel holds for the peer, the end of the stream like a byte of it.
    static func unacknowledged(_ descriptor: CInt) -> Int {
        max(0, Int(clinux_unacknowledged(descriptor)))
    }
}
