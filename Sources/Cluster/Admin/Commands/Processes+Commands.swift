import Actors

extension ServeProcess {
    /// Begins to take the operator's commands.
    /// - Throws: the error of a required socket.
    func openCommands(_ socket: CommandSocket, of hub: Hub) async throws {
        do {
            commands = try await CommandServer(
                socket, of: hub, on: loop, refused: { [report] in report(.commandUserRefused($0)) },
                counters: { [weak hub] in (await hub?.status, nil) },
                drain: { [weak self] in
                    guard let self else { return }
                    loop.startTask { await self.stop() }
                })
        } catch {
            if socket.isRequired { throw error }
            report(.commandsUnavailable(error))
        }
    }
}

extension SuperviseProcess {
    /// Begins to take the operator's commands.
    /// - Throws: the error of a required socket.
    func openCommands(_ socket: CommandSocket, of hub: Hub) async throws {
        do {
            commands = try await CommandServer(
                socket, of: hub, on: loop, refused: { [report] in report(.commandUserRefused($0)) },
                counters: { [weak self, weak hub] in (await hub?.status, await self?.supervisor?.counters) },
                drain: { [weak self] in
                    guard let self else { return }
                    loop.startTask { await self.stop() }
                })
        } catch {
            if socket.isRequired { throw error }
            report(.commandsUnavailable(error))
        }
    }
}
