import Testing

@testable import Cluster

@Suite("The nodes with heartbeats")
struct ClusterNodesTests {
    private var nodes = ClusterNodes()

    @Test("a node that is silent for ten ticks is dropped, once")
    mutating func silence() {
        nodes.hear("a")
        for _ in 1..<ClusterNodes.maxSilence {
            let gone = nodes.tick()
            #expect(gone.isEmpty && nodes.ids == ["a"])
        }
        let (gone, later) = (nodes.tick(), nodes.tick())
        #expect(gone == ["a"] && later.isEmpty && nodes.ids.isEmpty)
    }

    @Test("whatever a node sends ends its silence")
    mutating func heard() {
        for _ in 1...30 {
            nodes.hear("a")
            _ = nodes.tick()
        }
        #expect(nodes.ids == ["a"])
    }

    @Test("a node that says that it is gone is dropped at once")
    mutating func closed() {
        nodes.hear("a")
        nodes.hear("b")
        nodes.remove("a")
        nodes.remove("unknown")
        #expect(nodes.ids == ["b"])
    }

    @Test("the number of nodes is bounded, and known ones are still heard")
    mutating func bounded() {
        for number in 0...ClusterNodes.limit { nodes.hear("\(number)") }
        #expect(nodes.ids.count == ClusterNodes.limit)
        for _ in 1..<ClusterNodes.maxSilence { _ = nodes.tick() }
        nodes.hear("7")
        let gone = nodes.tick()
        #expect(gone.count == ClusterNodes.limit - 1 && nodes.ids == ["7"])
    }
}
