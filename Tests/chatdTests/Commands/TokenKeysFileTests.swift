import Glibc
import TestSupport
import Testing

@testable import chatd

@Suite("The file with the keys of tokens")
struct TokenKeysFileTests {
    static let secret = String(repeating: "s", count: 32)

    @Test("each line is a secret, with or without a name; comments and blank lines are ignored")
    func keys() throws {
        let base64 = "base64:" + String(repeating: "QUFB", count: 11)
        let text = "# keys\n\n\(Self.secret)\n new = \(Self.secret)=x \r\n\told =\t\n" + "b = \(base64)\n"
        let error = #expect(throws: TokenKeysFile.InvalidError.self) { try TokenKeysFile(text: text, path: "keys") }
        #expect(error?.description == "keys:5: the secret has fewer than 32 bytes")
        let keys = try TokenKeysFile(text: text.replacing("\told =\t\n", with: ""), path: "keys").keys
        #expect(keys.map(\.id) == [nil, "new", "b"])
    }

    @Test(
        "a file without valid keys is refused, and the secret is not in the error",
        arguments: [
            ("", "keys has 0 keys and not 1 to 16"), ("short", "keys:1: the secret has fewer than 32 bytes"),
            ("a = \(secret)\na = \(secret)", "keys:2: the name a occurs twice"),
            ("\nbase64:\(secret)!", "keys:2: the secret is not base64"),
            (String(repeating: "\(secret)\n", count: 17), "keys has 17 keys and not 1 to 16"),
        ])
    func refused(text: String, error: String) {
        let thrown = #expect(throws: TokenKeysFile.InvalidError.self) { try TokenKeysFile(text: text, path: "keys") }
        #expect(thrown?.description == error)
    }

    @Test("a missing file, a directory and a file that is no text are refused")
    func unreadable() throws {
        let directory = try TemporaryDirectory([
            "long": String(repeating: "x", count: (64 << 10) + 1), "zero": "\(Self.secret)\0\n",
        ])
        for name in ["none", "", "long", "zero"] {
            #expect(throws: TokenKeysFile.InvalidError.self) { try TokenKeysFile(path: "\(directory.path)/\(name)") }
        }
    }

    @Test(
        "a file that others can read is named in a warning, also by the check",
        arguments: [
            (0o600, nil), (0o400, nil), (0o640, "its group (mode 640)"),
            (0o644, "every user of this machine (mode 644)"), (0o602, "every user of this machine (mode 602)"),
        ] as [(mode_t, String?)])
    func mode(mode: mode_t, others: String?) throws {
        let directory = try TemporaryDirectory(["keys": Self.secret])
        let path = directory.path + "/keys"
        #expect(chmod(path, mode) == 0)
        let warnings = others.map { ["\(path) has secrets and is open to \($0); chmod 600 makes it private"] } ?? []
        let options = try ServeOptions(["--auth", "token", "--auth-keys", path], environment: [:])
        #expect(options.warnings == warnings)
    }
}
