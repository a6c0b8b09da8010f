import Actors

/// The plain form of an answer, for people.
enum AdminTable {
    /// The columns of the answers to each command; nil for lines without columns.
    private static func columns(of request: AdminRequest) -> [String]? {
        switch request {
        case .connections: ["id", "user", "name", "address", "since", "transport", "received", "sent", "process"]
        case .bans: ["target", "until", "reason"]
        default: nil
        }
    }

    static func text(of answer: AdminAnswer, to request: AdminRequest) -> String {
        guard let columns = columns(of: request) else {
            return answer.lines.map { line in
                (line.members ?? []).map { "\($0.name)=\(plain($0.value))" }.joined(separator: " ")
            }.joined(separator: "\n")
        }
        let rows =
            [columns]
            + answer.lines.map { line in
                columns.map { name in
                    let isTime = name == "since" || name == "until"
                    return line[name].map { isTime ? time($0) : plain($0) } ?? "-"
                }
            }
        let widths = columns.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            row.indices.map { column in
                let padding = column == row.count - 1 ? 0 : widths[column] - row[column].count
                return row[column] + String(repeating: " ", count: padding)
            }.joined(separator: "  ")
        }.joined(separator: "\n")
    }

    /// A value in one word, so that what a client has chosen forges no column and does not change the terminal.
    private static func plain(_ value: JSONText) -> String {
        if value.isNull { return "-" }
        guard let text = value.string else { return String(decoding: value.utf8, as: UTF8.self) }
        return LogLine.word(text)
    }

    private static func time(_ value: JSONText) -> String {
        guard let milliseconds = value.integer else { return "-" }
        return LogTime(seconds: milliseconds / 1000, milliseconds: milliseconds % 1000).description
    }
}
