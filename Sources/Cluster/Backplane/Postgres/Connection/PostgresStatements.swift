import Persistence
import Transport

/// What the backplane says to the server, apart from the messages themselves.
struct PostgresStatements {
    /// Sets the settings of a session, and tells whether the server is in recovery, and how the database encodes texts.
    /// What is lost in a crash of the server need not be on its disk. The server would count the time in which a long
    /// statement arrives against a limit for statements, so there is none; their owner has one for answers, and the
    /// server one for locks.
    static let beginning = PostgresStatement.beginning(
        setting: [
            (name: "default_transaction_isolation", value: "read committed"),
            (name: "synchronous_commit", value: "off"), (name: "statement_timeout", value: "0"),
            (name: "lock_timeout", value: "5s"), (name: "idle_in_transaction_session_timeout", value: "5s"),
            (name: "tcp_keepalives_idle", value: "5"), (name: "tcp_keepalives_interval", value: "2"),
            (name: "tcp_keepalives_count", value: "3"), (name: "tcp_user_timeout", value: "10000"),
        ],
        selecting: "pg_is_in_recovery(), current_setting('server_encoding')")
    static let check = PostgresStatement("SELECT 1")

    /// The name of a session, for the server's administrator, and for the other hosts, which count its like.
    /// - Parameters:
    ///   - node: the id of the host.
    ///   - role: what the session does.
    ///   - prefix: what the names of the channels begin with. The server keeps 63 bytes of a name, in ASCII.
    static func sessionName(_ node: String, _ role: String, prefix: String) -> String {
        "chatd \(node) \(PercentEncoding.encode(prefix).prefix(24)) \(role)"
    }

    /// Counts the listening sessions of all hosts with this prefix.
    static func countHosts(prefix: String) -> PostgresStatement {
        let anyNode = String(repeating: "_", count: 16)
        let pattern = sessionName(anyNode, "listener", prefix: prefix).replacing("%", with: "\\%")
        return PostgresStatement(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE $1",
            parameters: [Array(pattern.utf8)])
    }

    /// Gives the session a name that ``countHosts(prefix:)`` does not count.
    static func rename(_ node: String, prefix: String) -> PostgresStatement {
        let name = sessionName(node, "leaving", prefix: prefix)
        return PostgresStatement(
            "SELECT set_config('application_name', $1, false)", parameters: [Array(name.utf8)])
    }

    /// The number of old attachments that one statement deletes. Notifications wait while it runs.
    static let cleanupCount = 100
    /// How long an attachment is kept, as by the official adapter.
    static let attachmentTime = Duration.seconds(30)
    /// A number that only creators of the table lock.
    private static let creationLock = 7_164_231_093_417

    /// Creates the table of attachments if it is missing, as the official adapter's documentation describes it, and
    /// checks its columns. The right to create tables is not needed if it is there.
    let table: PostgresStatement
    /// Deletes some old attachments. Other hosts may do the same.
    let cleanup: PostgresStatement
    private let insertion: String
    private let selection: String

    /// - Parameter table: the table of attachments.
    init(_ table: PostgresTableName) {
        let name = table.quoted
        self.table = .simple(
            """
            DO $$ BEGIN
                IF to_regclass('\(name)') IS NULL THEN
                    PERFORM pg_advisory_xact_lock(\(Self.creationLock));
                    CREATE TABLE IF NOT EXISTS \(name)
                        (id bigserial UNIQUE, created_at timestamptz DEFAULT now(), payload bytea);
                END IF;
            END $$;
            SELECT id::bigint, created_at::timestamptz, payload::bytea FROM \(name) LIMIT 0
            """)
        cleanup = PostgresStatement(
            """
            WITH old AS (
                SELECT id FROM \(name)
                WHERE created_at < now() - interval '\(Self.attachmentTime.components.seconds) s'
                ORDER BY id LIMIT \(Self.cleanupCount) FOR UPDATE SKIP LOCKED)
            DELETE FROM \(name) attachment USING old WHERE attachment.id = old.id
            """, name: "cleanup")
        insertion = """
            WITH attachment AS (INSERT INTO \(name) (payload) VALUES ($3) RETURNING id)
            SELECT pg_notify($1, $2::text || id::text || $4::text) FROM attachment
            """
        selection = """
            SELECT CASE WHEN octet_length(payload) <= \(Self.maxAttachment) THEN payload END
            FROM \(name) WHERE id = $1
            """
    }

    /// The code of the error that a table does not exist.
    static let undefinedTable = "42P01"

    /// The greatest size of an attachment, in bytes.
    static let maxAttachment = 32 << 20

    /// Sends a notification.
    static func notify(_ channel: String, _ payload: [UInt8]) -> PostgresStatement {
        PostgresStatement(
            "SELECT pg_notify($1, $2)", name: "notify", parameters: [Array(channel.utf8), payload], isBinary: true)
    }

    /// Sends several notifications in one transaction, no two of which are equal.
    static func notify(_ notifications: [(channel: String, payload: [UInt8])]) -> PostgresStatement {
        PostgresStatement(
            "SELECT pg_notify(channel, payload) FROM unnest($1::text[], $2::text[]) AS n(channel, payload)",
            parameters: [
                PostgresArray.encode(notifications.map { Array($0.channel.utf8) }),
                PostgresArray.encode(notifications.map(\.payload)),
            ])
    }

    /// Stores an attachment and sends the notification that has its id, in one transaction.
    /// - Parameter header: the payload before and after the id.
    func attach(
        _ payload: [UInt8], to channel: String, header: (before: [UInt8], after: [UInt8])
    ) -> PostgresStatement {
        PostgresStatement(
            insertion, name: "attach", parameters: [Array(channel.utf8), header.before, payload, header.after],
            isBinary: true)
    }

    /// Fetches an attachment. The result has no row if there is none, and NULL for one that is too large.
    func fetch(_ id: Int64) -> PostgresStatement {
        PostgresStatement(
            selection, name: "fetch", parameters: [withUnsafeBytes(of: id.bigEndian) { Array($0) }], isBinary: true)
    }

    /// Begins or ends to listen to channels.
    /// - Parameter command: `LISTEN` or `UNLISTEN`.
    static func script(_ command: String, _ channels: [String]) -> PostgresStatement {
        .simple(channels.map { "\(command) \"\($0.replacing("\"", with: "\"\""))\"" }.joined(separator: ";"))
    }
}
