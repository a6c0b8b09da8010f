import Actors
import Transport

/// The scripts for the sessions that a Redis server keeps, and their answers.
struct SessionScripts {
    /// What keys are checked for: ARGV[1] is 1 if the key may be absent, ARGV[2] is what a copy of this host begins
    /// with, and the digests of this host's values follow from an index on. Returns nothing if this host has the
    /// session. The copy is removed last: Redis refuses a write for want of memory only if it is the first one.
    private static let check = """
        local value = redis.call('GET', KEYS[1])
        local function refusal(first)
          if not value then
            local copy = redis.call('GET', KEYS[2])
            if copy then
              if string.sub(copy, 1, #ARGV[2]) ~= ARGV[2] then return \(taken) end
            elseif ARGV[1] ~= '1' then
              return \(absent)
            end
            return nil
          end
          local digest = redis.sha1hex(value)
          for i = first, #ARGV do
            if ARGV[i] == digest then return nil end
          end
          return value
        end

        """

    private static let writeScript =
        check + """
            local refusal = refusal(5)
            if refusal then return refusal end
            redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4])
            redis.call('DEL', KEYS[2])
            return \(done)
            """

    private static let checkScript = check + "return refusal(3) or \(done)"

    private static let removeScript =
        check + """
            local refusal = refusal(3)
            if refusal then return refusal end
            redis.call('DEL', KEYS[1], KEYS[2])
            return \(done)
            """

    /// In place of a copy, ARGV[3] says that the session has ended. It names no host.
    private static let endScript =
        check + """
            local refusal = refusal(5)
            if refusal then return refusal end
            redis.call('DEL', KEYS[1])
            redis.call('SET', KEYS[2], ARGV[3], 'PX', ARGV[4])
            return \(done)
            """

    /// ARGV[1] is what the copy begins with: the mark, the host, and a colon. A copy that a host has not written again
    /// becomes that of this host. Without memory, Redis refuses no write behind the removal.
    private static let takeScript = """
        local value, life = redis.call('GET', KEYS[1]), tonumber(ARGV[2])
        if value then
          life = math.max(life, redis.call('PTTL', KEYS[1]))
          redis.call('DEL', KEYS[1])
        else
          local copy = redis.call('GET', KEYS[2])
          if not copy or string.sub(copy, 1, \(copyMark.utf8.count)) ~= '\(copyMark)' then return false end
          value = string.sub(copy, string.find(copy, ':', 1, true) + 1)
          if value == '' then return false end
          life = math.max(life, redis.call('PTTL', KEYS[2]))
          redis.call('DEL', KEYS[2])
        end
        redis.call('SET', KEYS[2], ARGV[1] .. value, 'PX', life)
        return value
        """

    /// The answers of a script that checks keys, unless it returns the value of another host.
    private static let (absent, done, taken) = (0, 1, 2)

    /// What a copy begins with, before the host. In Base64, this is a byte with which no value of MessagePack begins:
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
                Self.start(of: expected) + [value, Self.milliseconds(life)] + Self.digests(expected))
        case .check(let privateID, let expected): return compare(Self.checkScript, privateID, expected)
        case .remove(let privateID, let expected): return compare(Self.removeScript, privateID, expected)
        case .end(let privateID, let expected, let time):
            return evaluate(
                Self.endScript, privateID,
                Self.start(of: expected) + [Self.mark(of: ""), Self.milliseconds(time)] + Self.digests(expected))
        case .take(let privateID, let host, let life):
            return evaluate(Self.takeScript, privateID, [Self.mark(of: host), Self.milliseconds(life)])
        case .read(let range):
            let texts = [
                range.namespace, range.start.description, range.start.next.description, range.end.description,
                "\(Self.maxCount)", "\(Self.maxBytes)",
            ]
            return RedisCommand("EVAL", Self.readScript, "1", values: [stream] + texts.map { Array($0.utf8) })
        }
    }

    private func compare(_ script: String, _ privateID: SessionID, _ expected: ExpectedValue) -> RedisCommand {
        evaluate(script, privateID, Self.start(of: expected) + Self.digests(expected))
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

    /// The first arguments of a script that checks keys.
    private static func start(of expected: ExpectedValue) -> [[UInt8]] {
        [[UInt8(ascii: expected.mayBeAbsent ? "1" : "0")], mark(of: expected.host)]
    }

    /// What a copy begins with that a host has taken.
    private static func mark(of host: String) -> [UInt8] { Array("\(copyMark)\(host):".utf8) }

    private static func digests(_ expected: ExpectedValue) -> [[UInt8]] { expected.digests.map { Array($0.text.utf8) } }

    /// What the answer to a command means.
    static func answer(_ result: Result<RESPValue, RedisError>, to command: SessionCommand) -> SessionAnswer {
        let value: RESPValue
        switch result {
        case .success(let success): value = success
        case .failure(let error): return SessionAnswer(.failed(reason: RedisPubSub.reason(of: error)))
        }
        switch command.content {
        case .write, .check, .remove, .end:
            switch value {
            case .integer(Int64(Self.done)): return SessionAnswer(.done)
            case .integer(Int64(Self.taken)): return SessionAnswer(.taken)
            case .bulk(let bytes): return SessionAnswer(.other(bytes))
            default: return SessionAnswer(.absent)
            }
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
