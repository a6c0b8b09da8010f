import Transport

/// Whose rates several connections share.
enum PaceOwner: Hashable {
    /// The client with this id, as the application has identified it.
    case identity(String)
    /// The clients of an address that are not identified. Otherwise a client that opens many connections, one after the
    /// other or at once, would have the rates of all of them.
    case address(AddressGroup)

    /// Names of addresses begin with it. No id of chatd has it. An application's id that looks like an address shares
    /// the rates of that address at the other workers.
    private static let mark: Character = "\0"

    /// The name in reports to other workers.
    var name: String {
        switch self {
        case .identity(let id): id
        case .address(let group): "\(Self.mark)\(group)"
        }
    }

    init(name: String) {
        if name.first == Self.mark, let group = AddressGroup(described: String(name.dropFirst())) {
            self = .address(group)
        } else {
            self = .identity(name)
        }
    }
}
