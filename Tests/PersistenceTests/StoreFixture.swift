import Glibc
import Testing
import Transport

@testable import Persistence

/// A temporary directory that is deleted with its files when the test ends.
final class StoreDirectory: Sendable {
    let path: String

    init() throws {
        ResourceLimits.raiseDescriptors()
        var template = Array("/tmp/chatd-store-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) } != nil
        }
        try #require(made)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        for name in names { unlink("\(path)/\(name)") }
        rmdir(path)
    }

    var names: [String] { Self.names(in: path) }

    /// The names of the files in a directory.
    static func names(in path: String) -> [String] {
        guard let directory = opendir(path), let start = MemoryLayout<dirent>.offset(of: \.d_name) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            // Read the name in place. An entry ends after its name, so copying the whole field could read beyond the
            // buffer.
            let field = UnsafeRawPointer(entry).advanced(by: start)
            let name = String(cString: field.assumingMemoryBound(to: CChar.self))
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    func file(_ name: String = "chat.db") -> String {
        "\(path)/\(name)"
    }

    /// A store on `chat.db`, opened under `epoch`.
    func store(_ epoch: String = "epoch-1", options: SQLiteStore.Options = .init()) throws -> SQLiteStore {
        try SQLiteStore(path: file(), epoch: epoch, options: options)
    }

    /// A connection that represents another program on the same file.
    func foreign() throws -> SQLiteConnection {
        try SQLiteConnection(path: file(), mode: .readWrite, busyTimeout: .seconds(5))
    }

    func contents(of name: String = "chat.db") -> [UInt8] {
        guard let file = fopen(self.file(name), "rb") else { return [] }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            if count == 0 { return bytes }
            bytes += buffer[..<count]
        }
    }

    func write(_ bytes: [UInt8], to name: String = "chat.db") {
        guard let file = fopen(self.file(name), "wb") else { return }
        fwrite(bytes, 1, bytes.count, file)
        fclose(file)
    }
}

extension SQLiteStore {
    /// Runs SQL on the writer's own connection.
    func execute(_ sql: String) throws(StoreError) {
        try writer?.connection.execute(sql)
    }

    /// Replaces COMMIT.
    func replaceCommit(_ commit: @escaping @Sendable (SQLiteConnection) -> Int32) {
        writer?.runCommit = commit
    }

    /// Every row, oldest first.
    func allRows() async throws -> [StoredMessage] {
        try await page(after: .min, through: .max, limit: PageLimit(messages: .max, bytes: .max)).messages
    }

    func allTexts() async throws -> [String] {
        try await allRows().map { $0.text }
    }
}

/// An outcome without the message, only with its id.
enum ShortOutcome: Sendable, Equatable {
    case stored(id: Int64)
    case repeated(id: Int64)
    case refused
}

extension GroupReport {
    var shortOutcomes: [ShortOutcome] {
        outcomes.map { outcome in
            switch outcome {
            case .stored(let message): .stored(id: message.id)
            case .repeated(let id): .repeated(id: id)
            case .refused: .refused
            }
        }
    }
}

extension StoredMessage {
    var text: String {
        String(decoding: content, as: UTF8.self)
    }
}

extension MessageDraft {
    init(_ offset: String?, _ content: String) {
        self.init(clientOffset: offset.map { Array($0.utf8) }, content: Array(content.utf8))
    }
}

extension SQLiteStore.Options {
    /// Options with some of them changed.
    static func with(_ change: (inout Self) -> Void) -> Self {
        var options = Self()
        change(&options)
        return options
    }
}

/// The SQL of the Socket.IO tutorial's program.
enum Tutorial {
    static let create = """
        CREATE TABLE IF NOT EXISTS messages (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            client_offset TEXT UNIQUE,
            content TEXT
        );
        """

    static func insert(_ content: String, _ offset: String) -> String {
        "INSERT INTO messages (content, client_offset) VALUES ('\(content)', '\(offset)')"
    }
}
