import Actors
import Testing

@testable import Cluster

@Suite("Hello and welcome: both sides must speak the same version")
struct HelloTests {
    private let hello = WireWriter.bytes { $0.append(Hello()) }
    private let welcome = WireWriter.bytes { $0.append(HubTerms(epoch: "e", keepsSessions: true)) }

    @Test("a hello has seven bytes and is accepted")
    func accepted() throws {
        #expect(hello == Array("chatd".utf8) + [15, 0])
        var reader = WireReader(hello[...])
        try reader.hello()
        try reader.finish()
    }

    @Test("a hello with another magic string is rejected", arguments: 0..<5)
    func foreign(index: Int) {
        var hello = hello
        hello[index] ^= 0x20
        var reader = WireReader(hello[...])
        #expect(throws: CodecError.badVersion(0)) { try reader.hello() }
    }

    @Test(
        "another version is reported, and the bytes after it are not read", arguments: [0, 1, 2, 768, .max] as [UInt16])
    func otherVersion(version: UInt16) {
        let tail = WireWriter.bytes { $0.append(version) } + [9, 9]
        var (greeting, answer) = (WireReader((Hello.magic + tail)[...]), WireReader(tail[...]))
        #expect(throws: CodecError.badVersion(version)) { try greeting.hello() }
        #expect(throws: CodecError.badVersion(version)) { try answer.welcome() }
    }

    @Test("a hello or a welcome truncated at any byte is rejected")
    func truncated() {
        for count in hello.indices {
            var reader = WireReader(hello[..<count])
            #expect(throws: CodecError.truncated) { try reader.hello() }
        }
        for count in welcome.indices {
            var reader = WireReader(welcome[..<count])
            #expect(throws: CodecError.truncated) { try reader.welcome() }
        }
    }
}
