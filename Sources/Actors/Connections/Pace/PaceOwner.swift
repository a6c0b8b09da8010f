import Transport

/// Whose rates several connections share.
enum PaceOwner: Hashable {
    /// The client with this id, as the application has identified it.
    case identity(String)
    /// The clients of an address that are not identified. Otherwise a client that opens many connections, one after the
    /// other or at once, would have the rates of all of them.
    case address(AddressGroup)

    /// Names of addresses begin with it, and names of identities whose ids begin with it have two.
    private static let mark: Character = "\0"

    var isIdentity: Bool {
        if case .identity = self { true } else { false }
    }

    /// The name in reports to other workers.
    var name: String {
        switch self {
        case .identity(let id): id.first == Self.mark ? "\(Self.mark)\(id)" : id
        case .address(let group): "\(Self.mark)\(group)"
        }
    }

    init(name: String) {
        guard name.first == Self.mark else {
            self = .identity(name)
            return
        }
        let rest = String(name.dropFirst())
        self = AddressGroup(described: rest).map(PaceOwner.address) ?? .identity(rest)
    }
}
