import ChatApplication
import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing
import Transport

@testable import chatd

@Suite("Changes of the bans")
struct BanKeeperTests {
    /// Runs tasks on one thread, as a loop does.
    private final class OneThread: TaskExecutor {
        static let key = DispatchSpecificKey<Bool>()
        private let queue = DispatchQueue(label: "one thread")

        init() { queue.setSpecific(key: Self.key, value: true) }

        func enqueue(_ job: consuming ExecutorJob) {
            let job = UnownedJob(job)
            queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
        }

        static var isCurrent: Bool { DispatchQueue.getSpecific(key: key) == true }
    }

    private static func ban(_ number: Int) throws -> Ban {
        Ban(target: try #require(ModerationTarget("user:\(number)")), until: .seconds(100))
    }

    @Test("the disk is not waited for on the loop, and each change knows the earlier ones")
    func order() async throws {
        let directory = try TemporaryDirectory([:])
        let file = BanFile(directory.path + "/a.bans")
        let written = Mutex<[(count: Int, isOnLoop: Bool)]>([])
        let keeper = BanKeeper(file) { list in
            try file.write(list)
            written.withLock { $0.append((list.count, OneThread.isCurrent)) }
        }
        let loop = OneThread()
        try await withThrowingTaskGroup { group in
            for number in 0..<8 {
                let ban = try Self.ban(number)
                group.addTask(executorPreference: loop) {
                    #expect(OneThread.isCurrent)
                    try await keeper.add(ban, at: .zero)
                    // The ban is in the file before the command is answered.
                    #expect(try BanFile(file.path).read().all.contains(ban))
                }
            }
            try await group.waitForAll()
        }
        #expect(written.withLock { $0.map(\.count) } == Array(1...8))
        #expect(written.withLock { $0.allSatisfy { !$0.isOnLoop } })
        let isRemoved = try await keeper.remove(try Self.ban(3).target, at: .zero)
        let list = try await keeper.list(at: .zero)
        #expect(isRemoved && list.count == 7)
        withExtendedLifetime(directory) {}
    }

    @Test("bans that cannot be read are not replaced, and a failure does not stop later changes")
    func unreadable() async throws {
        let directory = try TemporaryDirectory([:])
        let path = directory.path + "/a.bans"
        let keeper = BanKeeper(BanFile(path))
        try #require(mkdir(path, 0o700) == 0)
        let ban = try Self.ban(1)
        await #expect(throws: BanFile.Unreadable.self) { try await keeper.add(ban, at: .zero) }
        await #expect(throws: BanFile.Unreadable.self) { try await keeper.remove(ban.target, at: .zero) }
        await #expect(throws: BanFile.Unreadable.self) { try await keeper.list(at: .zero) }
        try #require(rmdir(path) == 0)
        try await keeper.add(ban, at: .zero)
        #expect(try BanFile(path).read().all == [ban])
        withExtendedLifetime(directory) {}
    }
}
