import Actors
import Testing

@testable import Cluster

/// A way in which a worker violates the protocol.
struct LinkOffence: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// True if the worker violates the protocol after the welcome, false if before it.
    let isGreeted: Bool
    /// The reason that the hub reports.
    let reason: String
    let bytes: @Sendable (LinkPeer) -> [UInt8]

    static let all = beforeWelcome + outOfPlace + corrupt

    private static let beforeWelcome = [
        beforeHello("a hello of another version", "protocol version 16 instead of 15") { peer in
            peer.frame(.hello) {
                $0.append(raw: Hello.magic)
                $0.append(FrameFormat.version + 1)
            }
        },
        beforeHello("a hello with another magic string", "a protocol other than chatd's") { peer in
            peer.frame(.hello) { $0.append(raw: Array("httpd\u{1}\u{0}".utf8)) }
        },
        beforeHello("a hello with trailing bytes", "a frame with trailing bytes") { peer in
            peer.frame(.hello) {
                $0.append(Hello())
                $0.append(true)
            }
        },
        beforeHello("requests before the hello", "an unexpected frame") { $0.frame(.emit(.event("x"), sender: nil)) },
        beforeHello("a pong before the hello", "an unexpected frame") { $0.frame(.pong) },
        beforeHello("serving before the hello", "an unexpected frame") { $0.frame(.serving) },
        beforeHello(
            "the length of a large frame before the hello", "a first frame of length 65 (allowed: 9 to 64)"
        ) { _ in [65, 0, 0, 0] },
    ]

    private static let outOfPlace = [
        FrameKind.hello, .welcome, .events, .ping, .stop, .report, .measure,
    ].map { kind in
        afterWelcome("a frame that a worker does not send: \(kind)", "an unexpected frame") { $0.frame(kind) }
    }

    private static let corrupt = [
        afterWelcome("an unknown request", "a frame with an invalid value") { peer in
            peer.frame(.requests) { $0.append(99 as UInt8) }
        },
        afterWelcome("requests of which the last is truncated", "a frame that ends inside a value") { peer in
            peer.frame(.requests) {
                $0.append(HubRequest.emit(.event("x"), sender: nil))
                $0.append(9 as UInt8)
            }
        },
        afterWelcome("a pong with a body", "a frame with trailing bytes") { peer in
            peer.frame(.pong) { $0.append(true) }
        },
        afterWelcome("metrics with an unknown kind of value", "a frame with an invalid value") { peer in
            peer.frame(.metrics) {
                $0.append(1 as UInt32)
                $0.append("chatd_sockets")
                $0.append(0 as UInt32)
                $0.append(9 as UInt8)
                $0.append(0 as UInt64)
            }
        },
        afterWelcome("serving with a body", "a frame with trailing bytes") { peer in
            peer.frame(.serving) { $0.append(true) }
        },
        afterWelcome("a missing frame", "frame 3 instead of frame 2") { peer in
            _ = peer.frame(.pong)
            return peer.frame(.pong)
        },
        afterWelcome("a repeated frame", "frame 2 instead of frame 3") { peer in
            let frame = peer.frame(.pong)
            return frame + frame
        },
        afterWelcome("a frame of an unknown kind", "a frame of the unknown kind 77") { peer in
            var frame = peer.frame(.pong)
            frame[12] = 77
            return frame
        },
        afterWelcome("a frame length below the minimum", "a frame length of 8 (allowed: 9 to 67108864)") { _ in
            [8, 0, 0, 0]
        },
        afterWelcome("a frame length above the maximum", "a frame length of 67108865 (allowed: 9 to 67108864)") { _ in
            [1, 0, 0, 4]
        },
    ]

    private static func beforeHello(
        _ name: String, _ reason: String, _ bytes: @escaping @Sendable (LinkPeer) -> [UInt8]
    ) -> LinkOffence {
        LinkOffence(testDescription: name, isGreeted: false, reason: reason, bytes: bytes)
    }

    private static func afterWelcome(
        _ name: String, _ reason: String, _ bytes: @escaping @Sendable (LinkPeer) -> [UInt8]
    ) -> LinkOffence {
        LinkOffence(testDescription: name, isGreeted: true, reason: reason, bytes: bytes)
    }
}
