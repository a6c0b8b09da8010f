/// Starts a session: authentication, the client's name, the version of the protocol and the database.
///
/// HELLO does most of this in one command. A server that does not know it (before version 6, or a proxy) gets single
/// commands. The last command is PING, because a server that loads its data or has lost its master answers HELLO as
/// usual.
struct RedisHandshake {
    enum Outcome: Equatable {
        /// More answers must come.
        case waiting
        /// These commands are next.
        case commands([RedisCommand])
        case ready(RedisServer)
    }

    private enum Step: String {
        case hello = "HELLO"
        case authenticate = "AUTH"
        case setName = "CLIENT"
        case select = "SELECT"
        case info = "INFO"
        case ping = "PING"
    }

    private let identity: RedisStateMachine.Identity
    /// The commands whose answers have not arrived, in order.
    private var steps: ArraySlice<Step> = []
    private var server = RedisServer(version: nil, mode: nil, role: nil, protocolVersion: .resp2)

    init(_ identity: RedisStateMachine.Identity) {
        self.identity = identity
    }

    /// Returns the first commands.
    mutating func begin() -> [RedisCommand] {
        switch identity.protocolVersion {
        // Not even HELLO 2, because some proxies close the connection at an unknown command.
        case .resp2: beginWithoutHello()
        case .resp3: begin([.hello])
        }
    }

    /// Takes in the answer to the oldest command.
    mutating func receive(_ answer: RESPValue) throws(RedisFailure) -> Outcome {
        guard let step = steps.popFirst() else { throw .unexpected("an answer without a command") }
        if case .error(let error) = answer { return try receive(error, to: step) }
        switch step {
        case .hello:
            guard let server = RedisServer(hello: answer, protocolVersion: identity.protocolVersion) else {
                throw .unexpected(step.rawValue)
            }
            self.server = server
            return .commands(begin(databaseSteps + [.ping]))
        case .authenticate, .setName, .select:
            guard answer == .simple("OK") else { throw .unexpected(step.rawValue) }
            return .waiting
        case .info:
            server = RedisServer(info: answer)
            return .waiting
        case .ping:
            guard answer == .simple("PONG") else { throw .unexpected(step.rawValue) }
            return .ready(server)
        }
    }

    private mutating func receive(_ error: RedisError, to step: Step) throws(RedisFailure) -> Outcome {
        switch (step, error.kind) {
        case (.hello, .unknownCommand), (.hello, .unknownProtocol): return .commands(beginWithoutHello())
        // The name and the facts are for the operator; old servers and restricted users can do without them.
        case (.setName, _), (.info, _): return .waiting
        case (_, .authenticationRequired), (_, .wrongPassword), (_, .noPermission): throw .authentication(error)
        case (.authenticate, _) where !error.isRetryable: throw .authentication(error)
        default: throw .refused(error)
        }
    }

    private var databaseSteps: [Step] { identity.database == 0 ? [] : [.select] }

    private mutating func beginWithoutHello() -> [RedisCommand] {
        let authentication: [Step] = identity.password == nil ? [] : [.authenticate]
        let name: [Step] = identity.clientName == nil ? [] : [.setName]
        return begin(authentication + name + databaseSteps + [.info, .ping])
    }

    private mutating func begin(_ steps: [Step]) -> [RedisCommand] {
        self.steps += steps
        return steps.map(command)
    }

    private func command(_ step: Step) -> RedisCommand {
        let user = identity.user.map { Array($0.utf8) }
        let password = Array((identity.password ?? "").utf8)
        let name = Array((identity.clientName ?? "").utf8)
        switch step {
        case .hello:
            let login = identity.password == nil ? [] : [Array("AUTH".utf8), user ?? Array("default".utf8), password]
            let naming = identity.clientName == nil ? [] : [Array("SETNAME".utf8), name]
            return RedisCommand(step.rawValue, "\(identity.protocolVersion.rawValue)", values: login + naming)
        // Servers before version 6 have no users.
        case .authenticate: return RedisCommand(step.rawValue, values: [user, password].compactMap { $0 })
        case .setName: return RedisCommand(step.rawValue, "SETNAME", values: [name])
        case .select: return RedisCommand(step.rawValue, "\(identity.database)")
        case .info, .ping: return RedisCommand(step.rawValue)
        }
    }
}
