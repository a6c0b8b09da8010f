import Glibc

/// Passing descriptors between processes: `SCM_RIGHTS` messages over a pair of Unix sockets (`man 7 unix`).
extension LinuxMachine {
    /// A control message with one descriptor: header, descriptor, and the padding of `CMSG_SPACE`.
    private struct Rights {
        var length = Rights.receivedSize
        var level = SOL_SOCKET
        var type = CInt(SCM_RIGHTS)
        var descriptor: CInt = -1
        var padding: CInt = 0

        /// The size without the padding. A receiver that offers more space also gets a second descriptor, if one was
        /// sent.
        static let receivedSize = MemoryLayout<cmsghdr>.size + MemoryLayout<CInt>.size

        /// True if the kernel has stored a descriptor here.
        var isFilled: Bool {
            level == SOL_SOCKET && type == CInt(SCM_RIGHTS) && length == Self.receivedSize
        }
    }

    package func makeSocketPair() throws(SystemError) -> (CInt, CInt) {
        let type = CInt(SOCK_SEQPACKET.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
        var ends: [CInt] = [-1, -1]
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else { throw SystemError("socketpair") }
        return (ends[0], ends[1])
    }

    package func send(_ bytes: UnsafeRawBufferPointer, passing descriptor: CInt?, over socket: CInt) -> IOResult {
        var rights = Rights()
        rights.descriptor = descriptor ?? -1
        let result = Self.transfer("sendmsg") {
            withUnsafeMutablePointer(to: &rights) { rights in
                var piece = iovec(iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count)
                return withUnsafeMutablePointer(to: &piece) { piece in
                    var message = msghdr()
                    message.msg_iov = piece
                    message.msg_iovlen = 1
                    if descriptor != nil {
                        message.msg_control = UnsafeMutableRawPointer(rights)
                        message.msg_controllen = MemoryLayout<Rights>.size
                    }
                    return sendmsg(socket, &message, CInt(MSG_NOSIGNAL))
                }
            }
        }
        // This user has too many descriptors in flight. Their number falls when receivers read.
        if case .failed(let error) = result, error.code == ETOOMANYREFS { return .wouldBlock }
        return result
    }

    package func receive(
        from socket: CInt, into buffer: UnsafeMutableRawBufferPointer, passed: inout CInt?
    ) -> IOResult {
        var rights = Rights()
        rights.length = 0
        let result = Self.transfer("recvmsg") {
            withUnsafeMutablePointer(to: &rights) { rights in
                var piece = iovec(iov_base: buffer.baseAddress, iov_len: buffer.count)
                return withUnsafeMutablePointer(to: &piece) { piece in
                    var message = msghdr()
                    message.msg_iov = piece
                    message.msg_iovlen = 1
                    message.msg_control = UnsafeMutableRawPointer(rights)
                    message.msg_controllen = Rights.receivedSize
                    return recvmsg(socket, &message, CInt(MSG_CMSG_CLOEXEC))
                }
            }
        }
        passed = rights.isFilled ? rights.descriptor : nil
        return result
    }
}
