import Actors
import Testing

@testable import Cluster

@Suite("Questions to nodes with heartbeats")
struct ClusterQuestionsTests {
    private var questions = ClusterQuestions()

    private mutating func open(_ kind: ClusterQuestions.Kind, _ nodes: Set<String>) {
        let ended = questions.open(kind, 1, requestID: "r", in: "/", to: nodes)
        #expect(ended == nil)
    }

    private mutating func answer(
        _ node: String, _ content: ClusterMessage.Content, in namespace: String = "/"
    ) -> QuestionProgress? {
        questions.receive(ClusterMessage(uid: node, namespace: namespace, content: content))
    }

    @Test("a question to nobody ends at once")
    mutating func nobody() {
        let ended = questions.open(.sockets, 1, requestID: "r", in: "/", to: [])
        #expect(ended == QuestionProgress(number: 1, hasEnded: true) && questions.isEmpty)
    }

    @Test("it ends when each node has answered once")
    mutating func sockets() {
        open(.sockets, ["a", "b"])
        let one = answer("a", .sockets([], requestID: "r"))
        #expect(one == QuestionProgress(number: 1, answer: .sockets([])))
        #expect(answer("a", .sockets([], requestID: "r")) == nil)
        let other = answer("b", .sockets([], requestID: "r"))
        #expect(other == QuestionProgress(number: 1, answer: .sockets([]), hasEnded: true) && questions.isEmpty)
    }

    @Test("a node that appeared later may answer, and is not waited for")
    mutating func late() {
        open(.sockets, ["a"])
        #expect(answer("new", .sockets([], requestID: "r"))?.hasEnded == false)
        #expect(answer("a", .sockets([], requestID: "r"))?.hasEnded == true)
    }

    @Test("an event for clients ends when each node has told its clients, and each client has answered")
    mutating func clients() {
        open(.clients, ["a", "b"])
        #expect(answer("a", .clientCount(2, requestID: "r")) == QuestionProgress(number: 1))
        #expect(answer("b", .clientCount(0, requestID: "r"))?.hasEnded == false)
        let seven = MixedValue(7)
        let first = answer("a", .acknowledgement(seven, requestID: "r"))
        #expect(first == QuestionProgress(number: 1, answer: .acknowledgement(seven.argument)))
        #expect(answer("a", .acknowledgement(seven, requestID: "r"))?.hasEnded == true)
    }

    @Test("an acknowledgement of a node that has not told its clients is ignored, and ends nothing")
    mutating func early() {
        open(.clients, ["a"])
        #expect(answer("a", .acknowledgement(MixedValue(7), requestID: "r")) == nil)
        #expect(answer("a", .clientCount(1, requestID: "r"))?.hasEnded == false)
    }

    @Test(
        "answers of another kind, of another namespace or to no question are ignored",
        arguments: [
            (ClusterMessage.Content.sockets([], requestID: "r"), "/"),
            (.clientCount(1, requestID: "r"), "/"), (.acknowledgement(MixedValue(1), requestID: "r"), "/"),
            (.serverAnswer(MixedValue(1), requestID: "r"), "/other"),
            (.serverAnswer(MixedValue(1), requestID: "unknown"), "/"), (.heartbeat, "/"),
        ])
    mutating func ignored(content: ClusterMessage.Content, namespace: String) {
        open(.servers, ["a"])
        #expect(answer("a", content, in: namespace) == nil)
        #expect(answer("a", .serverAnswer(MixedValue(1), requestID: "r"))?.hasEnded == true)
    }

    @Test("a list of sockets is complete without a node that is gone")
    mutating func goneWithSockets() {
        open(.sockets, ["a", "b"])
        _ = answer("a", .sockets([], requestID: "r"))
        let progress = questions.remove("b", from: "/")
        #expect(progress == [QuestionProgress(number: 1, hasEnded: true)])
    }

    @Test("the clients and the handlers of a node that is gone have not answered")
    mutating func goneWithAnswers() {
        open(.clients, ["a"])
        _ = answer("a", .clientCount(2, requestID: "r"))
        _ = answer("a", .acknowledgement(MixedValue(7), requestID: "r"))
        let lost = [QuestionProgress(number: 1, hasEnded: true, lacksAnswers: true)]
        #expect(questions.remove("a", from: "/") == lost)
        open(.servers, ["a"])
        #expect(questions.remove("a", from: "/") == lost)
    }

    @Test("a node that is gone ends only what waits for it, in its namespace")
    mutating func goneElsewhere() {
        open(.sockets, ["a", "b"])
        #expect(questions.remove("a", from: "/other").isEmpty)
        #expect(questions.remove("c", from: "/").isEmpty)
        #expect(questions.remove("a", from: "/") == [QuestionProgress(number: 1)])
        #expect(questions.remove("a", from: "/").isEmpty)
    }

    @Test("a node without clients is gone without a loss")
    mutating func goneWithoutClients() {
        open(.clients, ["a", "b"])
        _ = answer("a", .clientCount(0, requestID: "r"))
        #expect(questions.remove("a", from: "/").isEmpty)
        #expect(questions.remove("b", from: "/") == [QuestionProgress(number: 1, hasEnded: true)])
    }

    @Test("dismissed questions are forgotten, and all at the end of a connection")
    mutating func forgotten() {
        open(.servers, ["a"])
        questions.dismiss(1)
        #expect(answer("a", .serverAnswer(MixedValue(1), requestID: "r")) == nil)
        open(.servers, ["a"])
        let numbers = questions.removeAll()
        #expect(numbers == [1] && questions.isEmpty)
    }
}
