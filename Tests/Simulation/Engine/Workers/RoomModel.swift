import Actors
import Transport

/// A room of a simulated worker.
final class RoomModel: MemberGroup {
    private var list = MemberList<SocketModel>()

    var isEmpty: Bool { list.isEmpty }
    var members: [SocketModel] { list.members }
    func contains(_ id: SessionID) -> Bool { list.contains(id) }
    func add(_ member: SocketModel) { list.add(member) }
    func remove(_ id: SessionID) { list.remove(id) }
}
