/// The order in which each host applies events and changes. One order exists for all hosts if no cycle of messages
/// does: each applied by some host before the next one.
struct SharedOrder {
    private var orders: [String: [String]] = [:]
    private var applied: [String: Set<String>] = [:]
    private var exempt: Set<String> = []

    /// A host applies a message. If it does again, its first place counts.
    mutating func apply(_ message: String, at node: String) {
        if applied[node, default: []].insert(message).inserted { orders[node, default: []].append(message) }
    }

    /// A message need not have the same place at all hosts.
    mutating func exempt(_ message: String) {
        exempt.insert(message)
    }

    /// Messages that no one order can have; nil if there are none.
    var cycle: [String]? {
        var successors: [String: Set<String>] = [:]
        for order in orders.values {
            let order = order.filter { !exempt.contains($0) }
            for (message, next) in zip(order, order.dropFirst()) { successors[message, default: []].insert(next) }
        }
        var waiting: [String: Int] = [:]
        for next in successors.values.joined() { waiting[next, default: 0] += 1 }
        var ready = successors.keys.filter { waiting[$0] == nil }
        while let message = ready.popLast() {
            for next in successors.removeValue(forKey: message) ?? [] {
                waiting[next, default: 0] -= 1
                if waiting[next] == 0 { ready.append(next) }
            }
        }
        return firstCycle(in: successors)
    }

    /// - Parameter successors: the messages of cycles, and those between and behind them.
    private func firstCycle(in successors: [String: Set<String>]) -> [String]? {
        var ended: Set<String> = []
        for start in successors.keys.sorted() where !ended.contains(start) {
            var path = [start]
            while let last = path.last {
                guard let next = successors[last]?.filter({ !ended.contains($0) }).min() else {
                    ended.insert(last)
                    path.removeLast()
                    continue
                }
                if let index = path.firstIndex(of: next) { return Array(path[index...]) }
                path.append(next)
            }
        }
        return nil
    }
}
