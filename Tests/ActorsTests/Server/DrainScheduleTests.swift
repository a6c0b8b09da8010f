import Testing

@testable import Actors

@Suite("Drain: sends clients away evenly")
struct DrainScheduleTests {
    private let start = ContinuousClock.now

    @Test("the first client leaves at once, the others evenly, and none after the period")
    func even() {
        let schedule = DrainSchedule(count: 10, from: start, over: .seconds(5))
        let due = (0...11).map { schedule.due(at: start + .milliseconds(500 * $0)) }
        #expect(due == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 10])
    }

    @Test("one client, none, or no time")
    func limits() {
        #expect(DrainSchedule(count: 1, from: start, over: .seconds(5)).due(at: start) == 1)
        #expect(DrainSchedule(count: 0, from: start, over: .seconds(5)).due(at: start) == 0)
        #expect(DrainSchedule(count: 7, from: start, over: .zero).due(at: start) == 7)
    }

    @Test("in no second of five leave more than a fifth of 2000 clients")
    func noStorm() {
        let schedule = DrainSchedule(count: 2000, from: start, over: .seconds(5))
        for tenth in 0..<50 {
            let from = start + .milliseconds(100 * tenth)
            #expect(schedule.due(at: from + .seconds(1)) - schedule.due(at: from) <= 400)
        }
    }
}
