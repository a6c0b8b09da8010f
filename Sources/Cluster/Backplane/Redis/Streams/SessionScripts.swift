import Actors
import Transport

/// The scripts for the sessions that a Redis server keeps, and their answers.
struct SessionScripts {
    /// What keys are checked for: ARGV[1] is 1 if the key may be absent, and the digests of this host's values follow
    /// from an index on. A script returns the value if it is not one of these. Otherwise this host has the session, so
    /// a copy for another host is removed. That comes last: Redis refuses a write for want of memory only if it is the
    /// first one.
    private static let check = """
        local value = redis.call('GET', KEYS[1])
        local function isOurs(first)
          if not value then return ARGV[1] == '1' end
          local digest = redis.sha1hex(value)
          for i = first, #ARGV do
            if ARGV[i] == digest then return true end
          end
          return false
        end
        local function finish()
          if not value then redis.call('DEL', KEYS[2]) end
          return 1
        end

        """

    private static let writeScript =
        check + """
            if not isOurs(4) then return value end
            redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
            return finish()
            """

    private static let checkScript = check + "return isOurs(2) and finish() or value"

    private static let removeScript =
        check + """
            if not isOurs(2) then return value end
            redis.call('DEL', KEYS[1])
            return finish()
            """

    /// ARGV[1] is what a copy begins with.
    private static let takeScript = """
        local value = redis.call('GET', KEYS[1])
        if value then
          redis.call('DEL', KEYS[1])
          redis.call('SET', KEYS[2], ARGV[1] .. value, 'PX', ARGV[2])
          return value
        end
        local copy = redis.call('GET', KEYS[2])
        if not copy or string.sub(copy, 1, #ARGV[1]) ~= ARGV[1] then return false end
        return string.sub(copy, #ARGV[1] + 1)
        """

    /// What a copy begins with, before the token. In Base64, this is a byte with which no value of MessagePack begins:
    /// an official server that is asked for the key of a copy finds no session there.
    private static let copyMark = "wcHB"
    /// What follows the name of a key in that of its copy.
    private static let copySuffix = "-chatd:taken"

    /// Returns the last entry that it has looked at, whether that is the end, and the entries of a namespace that are
    /// events or changes. Nothing is returned if entries may be gone: the one at the start, or an older one, has to be
    /// there, or, if the stream was empty then, all that were ever added.
    private static let readScript = """
        if #redis.call('XRANGE', KEYS[1], '-', ARGV[2], 'COUNT', 1) == 0 then
          if ARGV[2] ~= '0-0' or redis.call('EXISTS', KEYS[1]) == 0 then return false end
          local info, added = redis.call('XINFO', 'STREAM', KEYS[1]), nil
          for i = 1, #info, 2 do
            if info[i] == 'entries-added' then added = info[i + 1] end
          end
          if added ~= redis.call('XLEN', KEYS[1]) then return false end
        end
        local entries = redis.call('XRANGE', KEYS[1], ARGV[3], ARGV[4], 'COUNT', ARGV[5])
        local found, bytes, last = {}, 0, ARGV[2]
        for _, entry in ipairs(entries) do
          local fields, name, kind, size = entry[2], nil, nil, 0
          for i = 1, #fields, 2 do
            if fields[i] == 'nsp' then name = fields[i + 1] end
            if fields[i] == 'type' then kind = fields[i + 1] end
            size = size + #fields[i + 1]
          end
          if name == ARGV[1] and (kind == '3' or kind == '4' or kind == '5' or kind == '6') then
            if size > tonumber(ARGV[6]) then return false end
            if bytes + size > tonumber(ARGV[6]) then return {last, 0, found} end
            bytes = bytes + size
            found[#found + 1] = entry
          end
          last = entry[1]
        end
        return {last, #entries < tonumber(ARGV[5]) and 1 or 0, found}
        """

    /// How many entries a read looks at.
    private static let maxCount = 200
    /// The largest size of the entries that one read returns, in bytes.
    private static let maxBytes = 8 << 20

    private let prefix: String
    private let stream: [UInt8]

    /// - Parameters:
    ///   - prefix: what the keys of sessions begin with.
    ///   - stream: the key of the stream.
    init(prefix: String, stream: String) {
        self.prefix = prefix
        self.stream = Array(stream.utf8)
    }

    /// The script that carries a command out.
    func command(_ command: SessionCommand) -> RedisCommand {
        switch command.content {
        case .write(let privateID, let value, let expected, let life):
            return evaluate(
                Self.writeScript, privateID,
                [Self.flag(expected.mayBeAbsent), value, Self.milliseconds(life)] + Self.digests(expected))
        case .check(let privateID, let expected): return compare(Self.checkScript, privateID, expected)
        case .remove(let privateID, let expected): return compare(Self.removeScript, privateID, expected)
        case .take(let privateID, let token, let life):
            let mark = Array("\(Self.copyMark)\(token)".utf8)
            return evaluate(Self.takeScript, privateID, [mark, Self.milliseconds(life)])
        case .read(let range):
            let texts = [
                range.namespace, range.start.description, range.start.next.description, range.end.description,
                "\(Self.maxCount)", "\(Self.maxBytes)",
            ]
            return RedisCommand("EVAL", Self.readScript, "1", values: [stream] + texts.map { Array($0.utf8) })
        }
    }

    private func compare(_ script: String, _ privateID: SessionID, _ expected: ExpectedValue) -> RedisCommand {
        evaluate(script, privateID, [Self.flag(expected.mayBeAbsent)] + Self.digests(expected))
    }

    /// The command that runs a script for the key of a session and that of its copy.
    private func evaluate(_ script: String, _ privateID: SessionID, _ arguments: [[UInt8]]) -> RedisCommand {
        let key = "\(prefix)\(privateID)"
        let keys = [key, key + Self.copySuffix].map { Array($0.utf8) }
        return RedisCommand("EVAL", script, "2", values: keys + arguments)
    }

    private static func milliseconds(_ duration: Duration) -> [UInt8] {
        Array("\(max(1, Int(duration / .milliseconds(1))))".utf8)
    }

    private static func flag(_ flag: Bool) -> [UInt8] { [UInt8(ascii: flag ? "1" : "0")] }

    private static func digests(_ expected: ExpectedValue) -> [[UInt8]] { expected.digests.map { Array($0.text.utf8) } }

    /// What the answer to a command means.
    static func answer(_ result: Result<RESPValue, RedisError>, to command: SessionCommand) -> SessionAnswer {
        let value: RESPValue
        switch result {
        case .success(let success): value = success
        case .failure(let error): return SessionAnswer(.failed(reason: RedisPubSub.reason(of: error)))
        }
        switch command.content {
        case .write, .check, .remove:
            if value == .integer(1) { return SessionAnswer(.done) }
            if case .bulk(let bytes) = value { return SessionAnswer(.other(bytes)) }
            return SessionAnswer(.absent)
        case .take:
            if case .bulk(let bytes) = value { return SessionAnswer(.value(bytes)) }
            return SessionAnswer(.value(nil))
        case .read(let range): return SessionAnswer(.history(page(value, of: range)))
        }
    }

    /// Reads a part of the history. Entries that are no messages are ignored, as when they were added.
    private static func page(_ value: RESPValue, of range: HistoryRange) -> KeptHistoryPage? {
        guard case .array(let parts) = value, parts.count == 3, let last = parts[0].text.flatMap({ EntryID($0) }),
            let entries = StreamCommands.entries(parts[2])
        else { return nil }
        var messages: [(entry: EntryID, message: BackplaneMessage)] = []
        for entry in entries {
            guard let fields = entry.fields, let read = try? StreamEntry(fields), case .official(let message) = read,
                message.namespace == range.namespace, let content = message.content.message(in: message.namespace)
            else { continue }
            messages.append((entry.id, content))
        }
        return KeptHistoryPage(messages: messages, next: parts[1] == .integer(1) ? nil : last)
    }
}

extension EntryID {
    /// The lowest id above this one.
    var next: EntryID {
        let (sequence, overflows) = sequence.addingReportingOverflow(1)
        return EntryID(milliseconds: milliseconds &+ (overflows ? 1 : 0), sequence: sequence)
    }
}
