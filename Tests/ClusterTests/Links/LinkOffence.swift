import Actors
import Testing

@testable import Cluster

/// A way in which a worker breaks the protocol.
struct LinkOffence: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Whether it happens behind the welcome.
    let isGreeted: Bool
    /// What the hub calls it.
    let reason: String
    let bytes: @Sendable (LinkPeer) -> [UInt8]

    static let all = beforeWelcome + outOfPlace + corrupt

    private static let beforeWelcome = [
        stranger("a hello of another version", "badVersion(9)") { peer in
            peer.frame(.hello) {
                $0.append(raw: Hello.magic)
                $0.append(9 as UInt16)
            }
        },
        stranger("a hello of something else", "badVersion(0)") { peer in
            peer.frame(.hello) { $0.append(raw: Array("httpd\u{1}\u{0}".utf8)) }
        },
        stranger("a hello with more behind it", "trailingBytes") { peer in
            peer.frame(.hello) {
                $0.append(Hello())
                $0.append(true)
            }
        },
        stranger("requests before the hello", "unexpectedFrame") { $0.frame(.emit(.event("x"), sender: nil)) },
        stranger("an answer to no ping", "unexpectedFrame") { $0.frame(.pong) },
        stranger("service before the hello", "unexpectedFrame") { $0.frame(.serving) },
    ]

    private static let outOfPlace = [FrameKind.hello, .welcome, .events, .ping, .stop, .report].map { kind in
        worker("a frame that a worker does not send: \(kind)", "unexpectedFrame") { $0.frame(kind) }
    }

    private static let corrupt = [
        worker("a request that there is none of", "badValue") { peer in
            peer.frame(.requests) { $0.append(99 as UInt8) }
        },
        worker("requests, the last of which is cut", "truncated") { peer in
            peer.frame(.requests) {
                $0.append(HubRequest.emit(.event("x"), sender: nil))
                $0.append(9 as UInt8)
            }
        },
        worker("an answer with something in it", "trailingBytes") { peer in peer.frame(.pong) { $0.append(true) } },
        worker("service with something in it", "trailingBytes") { peer in peer.frame(.serving) { $0.append(true) } },
        worker("a frame that is missing", "missingNumber(expected: 2, found: 3)") { peer in
            _ = peer.frame(.pong)
            return peer.frame(.pong)
        },
        worker("a frame that comes twice", "missingNumber(expected: 3, found: 2)") { peer in
            let frame = peer.frame(.pong)
            return frame + frame
        },
        worker("a frame of another kind", "unknownKind(77)") { peer in
            var frame = peer.frame(.pong)
            frame[12] = 77
            return frame
        },
        worker("a frame shorter than any", "badLength(8)") { _ in [8, 0, 0, 0] },
        worker("a frame longer than any", "badLength(67108865)") { _ in [1, 0, 0, 4] },
    ]

    private static func stranger(
        _ name: String, _ reason: String, _ bytes: @escaping @Sendable (LinkPeer) -> [UInt8]
    ) -> LinkOffence {
        LinkOffence(testDescription: name, isGreeted: false, reason: reason, bytes: bytes)
    }

    private static func worker(
        _ name: String, _ reason: String, _ bytes: @escaping @Sendable (LinkPeer) -> [UInt8]
    ) -> LinkOffence {
        LinkOffence(testDescription: name, isGreeted: true, reason: reason, bytes: bytes)
    }
}
