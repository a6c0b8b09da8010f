import Glibc
import TestSupport
import Testing

@testable import chatd

@Suite("Configuration file: reading")
struct ConfigurationFileReadingTests {
    private func message(_ path: String) -> String? {
        do {
            _ = try ConfigurationFile(path: path)
            return nil
        } catch {
            return error.description
        }
    }

    @Test("what is not a readable regular file of a moderate size is refused, and a pipe does not block")
    func refuses() throws {
        let directory = try TemporaryDirectory([
            "large": String(repeating: "#", count: ConfigurationFile.maxBytes + 1),
            "largest": String(repeating: "#", count: ConfigurationFile.maxBytes),
        ])
        #expect(mkfifo(directory.path + "/pipe", 0o600) == 0)
        for (path, reason) in [
            (directory.path, "it is a directory"), ("/dev/null", "it is not a regular file"),
            (directory.path + "/pipe", "it is not a regular file"),
            (directory.path + "/none", "No such file or directory"),
            (directory.path + "/large", "it has more than \(ConfigurationFile.maxBytes) bytes"),
        ] {
            #expect(message(path) == "cannot read the configuration file \(path): \(reason)")
        }
        #expect(message(directory.path + "/largest") == nil)
    }

    @Test("the error of a file is its first mistake, with the number of the others")
    func firstMistake() throws {
        let directory = try TemporaryDirectory(["a": "x = 1\n", "b": "x = 1\ny = 2\nz\n"])
        #expect(message(directory.path + "/a") == "\(directory.path)/a:1: unknown key x")
        #expect(
            message(directory.path + "/b")
                == "\(directory.path)/b:1: unknown key x (and 2 more; chatd check lists all)")
    }

    @Test("every option but --config is a key")
    func keys() {
        let options = SuperviseOptions.declarations.map(\.name)
        #expect(Set(ConfigurationFile.keys).union(["config"]) == Set(options))
        #expect(!ConfigurationFile.keys.contains("config"))
    }

    @Test(
        "a file that others can read causes a warning if it has a secret",
        arguments: [
            ("backplane = redis://:abc@host", 0o644, true), ("backplane = redis://:abc@host", 0o640, true),
            ("backplane = redis://:abc@host", 0o600, false), ("backplane = redis://host", 0o644, false),
            ("port = 1", 0o666, false),
        ] as [(String, mode_t, Bool)])
    func warning(text: String, mode: mode_t, isWarned: Bool) throws {
        let directory = try TemporaryDirectory(["chat.conf": text])
        let path = directory.path + "/chat.conf"
        #expect(chmod(path, mode) == 0)
        let warnings = try ServeOptions(["--config", path], environment: [:]).warnings
        #expect(warnings.count == (isWarned ? 1 : 0))
        #expect(warnings.allSatisfy { $0.hasPrefix("\(path) has secrets and is open to ") && !$0.contains("abc") })
    }

    @Test("the variable CHATD_CONFIG names the file too, and a file may have options of other commands")
    func variable() throws {
        let directory = try TemporaryDirectory(["chat.conf": "port = 81\nworkers = 3\nbackplane = redis://a\n"])
        let environment = ["CHATD_CONFIG": directory.path + "/chat.conf"]
        #expect(try ServeOptions([], environment: environment).port == 81)
        #expect(try SuperviseOptions([], environment: environment).workers == 3)
        #expect(try HealthOptions([], environment: environment).target.description == "http://localhost:81")
        #expect(try EmitOptions(["x"], environment: environment).url == "redis://a")
    }
}
