import Glibc
import TestSupport
import Testing

@testable import chatd

@Suite("The file with the dashboard's password")
struct AdminUIAccountTests {
    static let hash = PasswordHash(of: Array("secret".utf8), rounds: 1000, salt: Array("saltsalt".utf8)).description

    @Test(
        "a line is a hash, or a name and a hash; comments and blank lines are ignored",
        arguments: [
            (hash, "admin"), ("ada:\(hash)\n", "ada"), ("# the operator\n\n  ada:\(hash) \r\n\n", "ada"),
            ("a:b:\(hash)", "a:b"), (" ö \(":")\(hash)", "ö "),
        ])
    func names(text: String, name: String) throws {
        let account = try AdminUIAccount(text: text, path: "password")
        #expect(account.name == name && account.hash.description == Self.hash && account.text == text)
        #expect(account.warnings.count == 1, "a thousand rounds are few")
    }

    @Test("the name and the password must both be right")
    func matches() throws {
        let account = try AdminUIAccount(text: "ada:\(Self.hash)", path: "password")
        #expect(account.matches(name: "ada", password: Array("secret".utf8)))
        for (name, password) in [("ada", "Secret"), ("Ada", "secret"), ("", "secret"), ("ada", "")] {
            #expect(!account.matches(name: name, password: Array(password.utf8)))
        }
    }

    @Test(
        "a file without an account is refused, and its text is not in the error",
        arguments: [
            ("", "password has 0 accounts and not one"), ("# \(hash)", "password has 0 accounts and not one"),
            ("\(hash)\n\(hash)", "password has 2 accounts and not one"),
            ("\nsecret", "password:2: not a hash that chatd admin hash-password has printed"),
            ("ada:secret", "password:1: not a hash that chatd admin hash-password has printed"),
            (":\(hash)", "password:1: the name has not 1 to 64 bytes"),
            (String(repeating: "a", count: 65) + ":\(hash)", "password:1: the name has not 1 to 64 bytes"),
        ])
    func refused(text: String, error: String) {
        let thrown = #expect(throws: AdminUIAccount.InvalidError.self) {
            try AdminUIAccount(text: text, path: "password")
        }
        #expect(thrown?.description == error)
    }

    @Test("damaged files are refused or read, and never trap")
    func damaged() {
        var generator = SystemRandomNumberGenerator()
        let text = Array("# c\nada:\(Self.hash)\n".utf8)
        var accepted = 0
        for _ in 0..<5000 {
            var bytes = text
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[index] = UInt8.random(in: .min ... .max, using: &generator)
                case 1: bytes.remove(at: index)
                default: bytes.insert(UInt8(ascii: "$"), at: index)
                }
            }
            if let account = try? AdminUIAccount(text: String(decoding: bytes, as: UTF8.self), path: "f") {
                accepted += 1
                #expect((1...64).contains(account.name.utf8.count))
                #expect(PasswordHash.acceptedRounds.contains(account.hash.rounds))
            }
        }
        #expect((1..<5000).contains(accepted))
    }

    @Test(
        "the mode of the file is checked",
        arguments: [(0o600, nil), (0o640, "its group (mode 640)"), (0o604, "every user of this machine (mode 604)")]
            as [(mode_t, String?)])
    func mode(mode: mode_t, others: String?) throws {
        let directory = try TemporaryDirectory(["password": Self.hash])
        let path = directory.path + "/password"
        #expect(chmod(path, mode) == 0)
        let arguments = ["--admin-ui-password-file", path, "--cors-origin", "https://admin.socket.io"]
        let warnings = try ServeOptions(arguments, environment: [:]).warnings.filter { $0.contains("is open to") }
        let expected = others.map { ["\(path) has secrets and is open to \($0); chmod 600 makes it private"] }
        #expect(warnings == expected ?? [])
    }

    @Test("a missing file and a directory are refused")
    func unreadable() throws {
        let directory = try TemporaryDirectory(["zero": "\(Self.hash)\0"])
        for name in ["none", "", "zero"] {
            #expect(throws: AdminUIAccount.InvalidError.self) { try AdminUIAccount(path: "\(directory.path)/\(name)") }
        }
    }
}
