import Testing

@testable import Transport

@Suite("A value in memory of its own")
struct OutlinedTests {
    private struct State: InitiallyEmpty {
        var numbers: [Int] = []
    }

    private struct Owner {
        @Outlined var state: State

        mutating func forget() {
            _state.reset()
        }
    }

    @Test("it has its initial value until it changes, and again when it is reset")
    func initialValue() {
        var owner = Owner()
        #expect(owner.state.numbers.isEmpty)
        owner.state.numbers.append(1)
        owner.state.numbers.append(2)
        #expect(owner.state.numbers == [1, 2])
        owner.forget()
        #expect(owner.state.numbers.isEmpty)
    }

    @Test("a change does not copy the value")
    func changesInPlace() {
        var owner = Owner()
        owner.state.numbers.reserveCapacity(100)
        let start = owner.state.numbers.withUnsafeBufferPointer { UnsafeRawPointer($0.baseAddress) }
        for number in 0..<10 { owner.state.numbers.append(number) }
        #expect(owner.state.numbers.withUnsafeBufferPointer { UnsafeRawPointer($0.baseAddress) } == start)
    }

    @Test("a copy keeps its value when the original changes, and the other way round")
    func copies() {
        var owner = Owner()
        owner.state.numbers = [1]
        var copy = owner
        owner.state.numbers.append(2)
        copy.state.numbers.append(3)
        #expect(owner.state.numbers == [1, 2])
        #expect(copy.state.numbers == [1, 3])
    }
}
