import Actors

/// The events that a test has not expected yet, and the events that it waits for.
struct Inbox {
    struct Expected {
        let event: String
        let wait: Wait<Arguments>
    }

    private var events: [(name: String, arguments: Arguments)] = []
    private var expected: [Expected] = []
    /// The errors of handlers.
    var failures: [String] = []

    /// Passes an event to the first test that waits for its name, or keeps it.
    mutating func add(_ name: String, _ arguments: Arguments) {
        while let index = expected.firstIndex(where: { $0.event == name }) {
            if expected.remove(at: index).wait.end(.success(arguments)) { return }
        }
        events.append((name, arguments))
        if events.count > TestSocket.maxWaiting { events.removeFirst() }
    }

    /// Takes the oldest event with this name; nil if there is none.
    mutating func take(_ name: String) -> Arguments? {
        guard let index = events.firstIndex(where: { $0.name == name }) else { return nil }
        return events.remove(at: index).arguments
    }

    mutating func expect(_ event: String, _ wait: Wait<Arguments>) {
        expected.append(Expected(event: event, wait: wait))
    }

    /// Removes the waits, which the caller ends.
    mutating func endWaits() -> [Expected] {
        defer { expected = [] }
        return expected
    }

    /// The kept events, and the errors of handlers.
    var descriptions: [String] { events.map { Self.text($0.name, $0.arguments) } + failures }

    /// The kept events with this name.
    func descriptions(of name: String) -> [String] {
        events.filter { $0.name == name }.map { Self.text($0.name, $0.arguments) }
    }

    /// A short form of an event, such as `message("hi",2)`.
    private static func text(_ name: String, _ arguments: Arguments) -> String {
        let slice = String(decoding: arguments.slice.prefix(200), as: UTF8.self)
        return "\(name)(\(slice)\(arguments.slice.count > 200 ? "…" : ""))"
    }
}
