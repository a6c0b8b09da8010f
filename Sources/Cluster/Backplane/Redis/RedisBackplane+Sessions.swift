@_spi(Collections) import Actors

/// The sessions that the server keeps.
extension RedisBackplane {
    /// False without the right to scripts, which is known after the first entry.
    public nonisolated var keepsSessions: Bool { assumeIsolated { $0.stream?.commands.usesScripts ?? false } }

    public nonisolated func carryOut(_ command: SessionCommand, _ number: UInt64) {
        assumeIsolated { backplane in
            backplane.stream?.sessionCommands.append((command, number))
            backplane.flush()
        }
    }

    public nonisolated func delivers(_ namespace: String, since entry: EntryID) -> Bool {
        assumeIsolated { backplane in
            guard let namespace = backplane.namespaces[namespace], let first = backplane.stream?.firstEntry else {
                return false
            }
            return max(first, namespace.openedAt ?? first) <= entry
        }
    }

    /// Sends the commands that the connection has room for. The entries of the stream go first.
    func flushSessions() {
        guard isConnected, let publisher else { return }
        while publisher.room > 2, let scripts = stream?.sessionScripts,
            let (command, number) = stream?.sessionCommands.removeFirst()
        {
            guard let sent = publisher.send(scripts.command(command)), self.publisher === publisher else { return }
            stream?.openSessionCommands[sent] = (command, number)
        }
    }

    /// Handles the answer to a command about sessions.
    /// - Returns: false if it is another command.
    func sessionCommand(_ sent: UInt64, _ result: Result<RESPValue, RedisError>) -> Bool {
        guard let (command, number) = stream?.openSessionCommands.removeValue(forKey: sent) else { return false }
        receive?(.kept(number, SessionScripts.answer(result, to: command)))
        return true
    }
}
