import Transport

/// The commands for a stream, and their answers.
struct StreamCommands {
    /// What the connection that reads accepts. An entry with more bytes is not kept.
    static var limits: RESPLimits {
        var limits = RESPLimits()
        limits.keptPayloads = limits.value
        // The rest of an answer, such as the lengths of payloads.
        limits.value *= 2
        return limits
    }

    /// How long a read waits for an entry.
    static let blockTime = Duration.seconds(1)
    /// How long the server remembers this host's last entry. A host is cut off long before, and forgets what it had
    /// sent.
    private static let memory = Duration.seconds(3600)
    /// The length of a stream, if the URL does not tell.
    static let defaultLength = 100_000

    /// Adds an entry once, however often it is sent. The second key has the number and the id of the host's last entry.
    private static let addScript = """
        local last = redis.call('GET', KEYS[2])
        if last then
          local number, id = string.match(last, '^(%d+) (.*)$')
          if tonumber(ARGV[1]) <= tonumber(number) then
            return tonumber(ARGV[1]) == tonumber(number) and id or ''
          end
          if tonumber(ARGV[2]) > tonumber(number) then return redis.error_reply('ERR an entry before is missing') end
        end
        local id = redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[3], '*', unpack(ARGV, 5))
        redis.call('SET', KEYS[2], ARGV[1] .. ' ' .. id, 'PX', ARGV[4])
        return id
        """

    /// Returns whether an entry is in the stream, without its content.
    private static let existsScript = "return #redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1])"

    /// Returns the names and values of XINFO that matter, without the contents of the first and the last entry.
    private static let infoScript = """
        local all, found = redis.call('XINFO', 'STREAM', KEYS[1]), {}
        for i = 1, #all, 2 do
          if all[i] == 'last-generated-id' or all[i] == 'entries-added' then
            found[#found + 1] = all[i]
            found[#found + 1] = all[i + 1]
          end
        end
        return found
        """

    /// False if the user may not use scripts. Then an entry may be added twice, and the contents of large entries are
    /// transferred more often.
    var usesScripts = true
    private let stream: [UInt8]
    private let memoryKey: [UInt8]
    private let length: Int

    /// - Parameters:
    ///   - stream: the key of the stream.
    ///   - length: about how many entries it keeps.
    ///   - node: the id of this host.
    init(stream: String, length: Int?, node: String) {
        self.stream = Array(stream.utf8)
        memoryKey = Array("\(stream)-chatd:\(node)".utf8)
        self.length = length ?? Self.defaultLength
    }

    /// Adds an entry.
    func add(_ step: StreamSender.Step) -> RedisCommand {
        guard usesScripts else { return add(step.addition.fields) }
        let numbers = [
            "\(step.addition.number)", "\(step.previous)", "\(length)", "\(Int(Self.memory / .milliseconds(1)))",
        ]
        return RedisCommand(
            "EVAL", Self.addScript, "2",
            values: [stream, memoryKey] + numbers.map { Array($0.utf8) } + step.addition.fields)
    }

    /// Adds an entry, again each time that it is sent.
    func add(_ fields: [[UInt8]]) -> RedisCommand {
        RedisCommand("XADD", values: [stream] + ["MAXLEN", "~", "\(length)", "*"].map { Array($0.utf8) } + fields)
    }

    /// Reads the entries after one, and waits for them.
    func read(after place: EntryID, count: Int) -> RedisCommand {
        RedisCommand(
            "XREAD", "COUNT", "\(count)", "BLOCK", "\(Int(Self.blockTime / .milliseconds(1)))", "STREAMS",
            values: [stream, Array(place.description.utf8)])
    }

    /// Looks whether an entry is in the stream.
    func exists(_ place: EntryID) -> RedisCommand {
        let id = Array(place.description.utf8)
        guard usesScripts else { return RedisCommand("XRANGE", values: [stream, id, id]) }
        return RedisCommand("EVAL", Self.existsScript, "1", values: [stream, id])
    }

    /// Describes the stream.
    var info: RedisCommand {
        guard usesScripts else { return RedisCommand("XINFO", "STREAM", values: [stream]) }
        return RedisCommand("EVAL", Self.infoScript, "1", values: [stream])
    }

    /// Describes the server.
    static let server = RedisCommand("INFO")

    // MARK: Answers

    /// An entry as the server reports it.
    struct Entry: Equatable {
        let id: EntryID
        /// The names and values in turn; nil if not all of them were kept, because the answer had too many bytes.
        let fields: [[UInt8]]?

        var byteCount: Int { fields?.reduce(0) { $0 + $1.count } ?? 0 }
    }

    /// The entries in the answer to XREAD for one stream; nil for another answer.
    static func entries(inRead answer: RESPValue) -> [Entry]? {
        switch answer {
        case .null: []
        // Version 2 of the protocol has a list of pairs, version 3 has a map.
        case .array(let streams):
            if case .array(let pair)? = streams.first, pair.count == 2 { entries(pair[1]) } else { nil }
        case .map(let pairs): pairs.count == 2 ? entries(pairs[1]) : nil
        default: nil
        }
    }

    /// True if the answer to ``exists(_:)`` says that the entry is in the stream.
    static func isThere(_ answer: RESPValue) -> Bool {
        switch answer {
        case .integer(let count): count > 0
        case .array(let entries): !entries.isEmpty
        default: false
        }
    }

    /// The entries in the answer to XRANGE; nil for another answer.
    static func entries(_ answer: RESPValue) -> [Entry]? {
        guard case .array(let values) = answer else { return nil }
        var entries: [Entry] = []
        for value in values {
            guard case .array(let parts) = value, parts.count == 2, let id = parts[0].text.flatMap({ EntryID($0) })
            else { return nil }
            // A deleted entry has no fields.
            guard case .array(let fields) = parts[1] else { continue }
            let kept = fields.compactMap { field in
                if case .bulk(let bytes) = field { bytes } else { nil }
            }
            entries.append(Entry(id: id, fields: kept.count == fields.count ? kept : nil))
        }
        return entries
    }

    /// What the answers to ``server`` and ``info`` tell.
    static func facts(
        server: Result<RESPValue, RedisError>, stream: Result<RESPValue, RedisError>
    ) throws(RedisError) -> StreamReading.Facts {
        var facts = StreamReading.Facts()
        if case .success(let answer) = server { facts.run = run(in: answer) }
        switch stream {
        case .success(let answer):
            let fields = answer.members
            facts.last = fields["last-generated-id"]?.text.flatMap { EntryID($0) }
            if case .integer(let added) = fields["entries-added"] { facts.added = Int(clamping: added) }
        case .failure(let error) where error.message.contains("no such key"): break
        case .failure(let error): throw error
        }
        return facts
    }

    /// The identity of the server's run and of its data.
    private static func run(in answer: RESPValue) -> String? {
        var found: [Substring] = []
        for line in (answer.text ?? "").split(whereSeparator: \.isNewline)
        where line.hasPrefix("run_id:") || line.hasPrefix("master_replid:") {
            found.append(line)
        }
        return found.count == 2 ? found.joined(separator: " ") : nil
    }
}

extension RESPValue {
    /// The members of a map, or of the list that version 2 of the protocol has instead.
    fileprivate var members: [String: RESPValue] {
        let fields: [RESPValue]
        switch self {
        case .array(let elements), .map(let elements): fields = elements
        default: return [:]
        }
        var members: [String: RESPValue] = [:]
        for index in stride(from: 0, to: fields.count - 1, by: 2) {
            if let name = fields[index].text { members[name] = fields[index + 1] }
        }
        return members
    }
}
