import Testing
import Transport

@testable import chatd

@Suite("The session ids of dashboards")
struct AdminUISessionsTests {
    static let key = Array(UInt8(0)..<32)

    private func sessions(_ password: String = "a", key: [UInt8] = key) throws -> AdminUISessions {
        let hash = PasswordHash(of: Array(password.utf8), rounds: 1000, salt: Array("saltsalt".utf8))
        return AdminUISessions(key: key, account: try AdminUIAccount(text: "\(hash)", path: "f"))
    }

    @Test("an id is valid for each process with the key, for a day")
    func valid() throws {
        let id = try sessions().makeID(at: .seconds(1000))
        #expect(try sessions().end(of: id, at: .seconds(1000)) == .seconds(1000 + 24 * 3600))
        #expect(try sessions().end(of: id, at: .seconds(1000 + 24 * 3600 - 1)) != nil)
        #expect(try sessions().end(of: id, at: .seconds(1000 + 24 * 3600)) == nil)
        #expect(try sessions().makeID(at: .seconds(1000)) != id)
    }

    @Test("another key, and another password, end it")
    func others() throws {
        let id = try sessions().makeID(at: .zero)
        #expect(try sessions(key: Self.key.reversed()).end(of: id, at: .zero) == nil)
        #expect(try sessions("b").end(of: id, at: .zero) == nil)
    }

    @Test("an id with any other bit is invalid")
    func changed() throws {
        let sessions = try sessions()
        let bytes = try #require(Base64.decode(Array(sessions.makeID(at: .zero).utf8)))
        for index in bytes.indices {
            for bit in 0..<8 {
                var changed = bytes
                changed[index] ^= 1 << bit
                #expect(sessions.end(of: Base64.encodeToString(changed), at: .zero) == nil)
            }
        }
        for text in ["", "a", Base64.encodeToString(bytes.dropLast()), Base64.encodeToString(bytes + [0])] {
            #expect(sessions.end(of: text, at: .zero) == nil)
        }
    }
}
