import Actors
import ChatApplication
import Cluster
import Glibc
import Persistence
import Transport

/// Carries out the operator's commands in the primary process.
struct AdminService: Sendable {
    /// How long the workers may take to answer.
    private static let patience = Duration.seconds(5)

    private let moderation: Moderation
    /// The proxies in force. `moderation` has those of the start.
    private let proxies: @Sendable () -> TrustedProxies
    /// Nil if the server keeps no bans.
    private let bans: BanKeeper?
    /// False if other hosts have databases of their own, in which the ids of messages mean others.
    private let isOnlyHost: Bool

    init(_ moderation: Moderation, proxies: @escaping @Sendable () -> TrustedProxies, isOnlyHost: Bool) {
        self.moderation = moderation
        self.proxies = proxies
        self.isOnlyHost = isOnlyHost
        bans = moderation.bans.map { BanKeeper($0) }
    }

    /// Carries out a command, and logs how it has ended.
    /// - Parameter user: the number of the user who sends it; nil if unknown.
    func answer(_ body: [UInt8], from user: UInt32?, _ access: CommandAccess) async -> HTTPResponse {
        let answer: AdminAnswer
        var request: AdminRequest?
        do throws(AdminRequest.Malformed) {
            let parsed = try AdminRequest(body)
            request = parsed
            answer = await carryOut(parsed, access)
        } catch {
            answer = AdminAnswer(.malformed(error.description))
        }
        let line = AdminLogLine.text(of: request, from: user, answer)
        let (level, rate) = AdminLogLine.form(of: request, answer)
        Console.log(line, level: level, kind: "admin", rate)
        return answer.response
    }

    private func carryOut(_ request: AdminRequest, _ access: CommandAccess) async -> AdminAnswer {
        switch request {
        case .connections(let limit): return await list(limit, access)
        case .disconnect(let target, let reason): return await disconnect(target, EndNotice(reason: reason), access)
        case .ban(let target, let duration, let reason):
            return await ban(target, until: Self.now + duration, reason, access)
        case .unban(let target): return await unban(target)
        case .bans:
            return await listBans()
        case .announce(let text):
            let time = JSONText(integer: Self.now.wholeMilliseconds)
            tell(Moderation.announcementEvent, ["text": JSONText(string: text), "time": time], access)
            return AdminAnswer()
        case .delete(let ids): return await delete(ids, access)
        case .counters: return await counters(access)
        case .drain:
            access.drain()
            return AdminAnswer()
        }
    }

    /// Sends an event to the clients that ask for details.
    private func tell(_ event: String, _ argument: JSONText, _ access: CommandAccess) {
        access.server.of("/").to(Moderation.detailsRoom).emit(event, [.json(argument)])
    }

    private func delete(_ ids: [Int64], _ access: CommandAccess) async -> AdminAnswer {
        let result: HubDeletion
        do throws(DeletionError) {
            result = try await access.delete(ids)
        } catch {
            return AdminAnswer(.failed(error.description))
        }
        let deletion = result.deletion
        let gone = result.gone.map { JSONText(integer: Int($0)) }
        if isOnlyHost, !gone.isEmpty { tell(Moderation.deletionEvent, ["ids": JSONText(array: gone)], access) }
        var notes: [String] = []
        if !deletion.absent.isEmpty {
            notes.append("no message has the id \(deletion.absent.map(String.init).joined(separator: ", "))")
        }
        if !isOnlyHost, !deletion.deleted.isEmpty {
            notes.append("clients learn it at their next load, because messages of other hosts have the same ids")
        }
        return AdminAnswer(
            count: deletion.deleted.count, note: notes.isEmpty ? nil : notes.joined(separator: "; "))
    }

    private static var now: Duration { LinuxMachine.shared.wallClock }

    // MARK: Questions to the workers

    /// Asks all workers. Those of other hosts disconnect clients too, but do not list theirs.
    /// - Returns: their answers, and what the operator should know if some are missing.
    private func ask(
        _ question: ModerationQuestion, _ access: CommandAccess
    ) async -> (answers: [JSONText], note: String?) {
        do {
            let answers = try await access.server.of("/").serverSideEmitWithAcknowledgements(
                ModerationQuestion.event, [.json(question.json), .json(JSONText(string: moderation.host))],
                timeout: Self.patience)
            return (Self.values(answers), nil)
        } catch let error as IncompleteAnswers {
            return (Self.values(error.answers), "some servers have not answered: \(error)")
        } catch {
            return ([], "the servers were not asked: \(error)")
        }
    }

    /// Answers with content. A host that has nothing to say answers with nothing, or null in a backplane's format.
    private static func values(_ answers: [Arguments]) -> [JSONText] {
        answers.compactMap { if case .json(let value)? = $0.first, value.kind == .object { value } else { nil } }
    }

    private func list(_ limit: Int, _ access: CommandAccess) async -> AdminAnswer {
        var merge = ConnectionMerge(limit: limit)
        var note: String?
        repeat {
            let (answers, missing) = await ask(.list(after: merge.last), access)
            note = missing ?? note
            merge.add(answers)
            // A worker that does not answer would delay each further page.
        } while merge.needsMore && note == nil
        if merge.total > merge.connections.count {
            note = note ?? "\(merge.connections.count) of \(merge.total) connections (--limit)"
        }
        return AdminAnswer(lines: merge.connections, count: merge.total, note: note)
    }

    private func counters(_ access: CommandAccess) async -> AdminAnswer {
        let (hub, workers) = await access.counters()
        let (answers, note) = await ask(.counters, access)
        return AdminAnswer(
            lines: [CounterLine.json(nil, hub, workers, process: "primary")] + answers, note: note)
    }

    // MARK: Moderation

    private func disconnect(
        _ target: ModerationTarget, _ notice: EndNotice, _ access: CommandAccess
    ) async -> AdminAnswer {
        if case .address(let group) = target, isExempt(group) {
            return AdminAnswer(.refused("\(group) is this machine or a proxy, which many clients share"))
        }
        // Of the workers of another host only one answers, so their clients are counted before.
        let (others, unknown) = await count(target, access)
        let (answers, missing) = await ask(.disconnect(target, notice), access)
        // This deletes the sessions of lost clients, and ends the connections of a worker that has not answered.
        let rest = access.server.of("/").to([target.room])
        if missing != nil { rest.emit("disconnect reason", [.json(notice.json)]) }
        rest.disconnectSockets(close: true)
        let counted = answers.reduce(0) { $0 + ($1["count"]?.integer ?? 0) }
        let notes = [missing, unknown].compactMap { $0 }
        return AdminAnswer(
            count: max(counted, others), note: notes.isEmpty ? nil : notes.joined(separator: "; "))
    }

    /// Counts the connected clients of a target, at all hosts; 0 without other hosts.
    private func count(_ target: ModerationTarget, _ access: CommandAccess) async -> (count: Int, note: String?) {
        guard !isOnlyHost else { return (0, nil) }
        do {
            return (try await access.server.of("/").to([target.room]).allSockets(timeout: .seconds(1)).count, nil)
        } catch {
            return (0, "clients of other hosts may be disconnected without being counted: \(error)")
        }
    }

    private func ban(
        _ target: ModerationTarget, until: Duration, _ reason: String?, _ access: CommandAccess
    ) async -> AdminAnswer {
        if case .address(let group) = target, isExempt(group) {
            return AdminAnswer(.refused("\(group) cannot be banned: it is this machine or a proxy"))
        }
        guard let bans else { return Self.noBans }
        let ban = Ban(target: target, until: until, reason: reason)
        do {
            try await bans.add(ban, at: Self.now)
        } catch {
            return AdminAnswer(.failed("the ban is not kept: \(error)"))
        }
        return await disconnect(target, ban.notice, access)
    }

    private func isExempt(_ group: AddressGroup) -> Bool {
        group.isExempt(proxies())
    }

    private static let noBans = AdminAnswer(
        .refused("this server keeps no bans, because no file is its database; start it with --bans FILE"))

    private func listBans() async -> AdminAnswer {
        guard let bans, let path = moderation.bans?.path else { return Self.noBans }
        do {
            let list = try await bans.list(at: Self.now)
            let warnings = list.warnings(about: path)
            return AdminAnswer(
                lines: list.all.map(\.json), count: list.count,
                note: warnings.isEmpty ? nil : warnings.joined(separator: "; "))
        } catch {
            return AdminAnswer(.failed("\(error)"))
        }
    }

    private func unban(_ target: ModerationTarget) async -> AdminAnswer {
        guard let bans else { return Self.noBans }
        do {
            return AdminAnswer(count: try await bans.remove(target, at: Self.now) ? 1 : 0)
        } catch {
            return AdminAnswer(.failed("the ban is still kept: \(error)"))
        }
    }
}
