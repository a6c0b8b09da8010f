import Actors
import Transport

/// The options of the official dashboard.
struct AdminUIOptions: Sendable {
    /// The name of the option with the password.
    static let option = "admin-ui-password-file"

    let account: AdminUIAccount
    /// True if dashboards may send events, change rooms and disconnect clients.
    let allowsWrites: Bool
    /// The origins of the pages that may be dashboards.
    let origins: [WebOrigin]
    /// The key of the session ids.
    let key: [UInt8]

    /// What the primary process passes to its workers: the key, and the content of the file.
    var passed: String { Base64.encodeToString(key) + "\n" + account.text }

    /// The key of the servers that this process starts. It is drawn once, so that sessions outlive a reload.
    private static let ownKey: [UInt8] = {
        var generator = SystemRandomNumberGenerator()
        return (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }()

    init(_ account: AdminUIAccount, allowsWrites: Bool, origins: [WebOrigin], key: [UInt8] = ownKey) {
        self.account = account
        self.allowsWrites = allowsWrites
        self.origins = origins
        self.key = key
    }
}

extension OptionValues {
    /// The options `--admin-ui-…`; nil without a password file.
    /// - Parameter origins: the pages that may connect.
    /// - Throws: ``UsageError`` for a file without an account, and if the dashboards' origins are not listed.
    func adminUI(origins: OriginPolicy) throws(UsageError) -> AdminUIOptions? {
        let allowsWrites = try word("admin-ui-writes", of: ["off", "on"]) == "on"
        guard let path = optionalText(AdminUIOptions.option) else {
            guard !allowsWrites else {
                throw error("admin-ui-writes", "this needs --\(AdminUIOptions.option)", others: [AdminUIOptions.option])
            }
            return nil
        }
        // The file is read first, so that a mistake in it is found also if the origins are wrong.
        let (account, key) = try adminUIAccount(path)
        guard case .sameHostAnd(let listed) = origins, !listed.isEmpty, !listed.contains(.null) else {
            throw error(
                "cors-origin",
                "with --\(AdminUIOptions.option), list the origin of the dashboard, such as https://admin.socket.io; * "
                    + "and null would let any page try passwords", others: [AdminUIOptions.option])
        }
        guard let key else { return AdminUIOptions(account, allowsWrites: allowsWrites, origins: listed) }
        return AdminUIOptions(account, allowsWrites: allowsWrites, origins: listed, key: key)
    }

    /// The account in the file, or the one that the primary process has passed, with its key.
    private func adminUIAccount(_ path: String) throws(UsageError) -> (AdminUIAccount, key: [UInt8]?) {
        do throws(AdminUIAccount.InvalidError) {
            guard let passedAdminUI else { return (try AdminUIAccount(path: path), nil) }
            let parts = passedAdminUI.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let key = Base64.decode(Array(parts[0].utf8)) else {
                throw AdminUIAccount.InvalidError(description: "the supervisor has passed no key")
            }
            return (try AdminUIAccount(text: String(parts[1]), path: path), key)
        } catch {
            throw self.error(AdminUIOptions.option, "\(error)")
        }
    }
}
