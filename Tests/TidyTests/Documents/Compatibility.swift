/// The table of the official server's names in docs/socket-io-compatibility.md.
struct Compatibility {
    /// One name of the official server.
    struct Row {
        let place: String
        /// The section and the name in Node.
        let name: String
        let support: String
        /// The names of the Swift declarations in backticks.
        let declarations: [String]
        let note: String
    }

    /// The number of cells in a row.
    private static let columns = 5

    private let file: SourceFile
    private(set) var rows: [Row] = []
    /// Lines of tables that do not have the form of a row.
    private(set) var malformed: [String] = []

    init(_ file: SourceFile) {
        self.file = file
        var section = ""
        for (index, line) in file.lines.enumerated() {
            if line.hasPrefix("## ") { section = String(line.dropFirst(3)) }
            guard line.hasPrefix("|"), !line.hasPrefix("|---"), !line.hasPrefix("| Socket.IO |") else { continue }
            let cells = line.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false)
                .map { $0.trimmingPrefix { $0 == " " } }.map { String($0.reversed().drop { $0 == " " }.reversed()) }
            guard cells.count == Self.columns, line.hasSuffix("|") else {
                malformed.append("\(file.place(index)): not \(Self.columns) cells")
                continue
            }
            let declarations = cells[3].split(separator: "`").filter { !$0.hasPrefix(",") }.map(String.init)
            rows.append(
                Row(
                    place: file.place(index), name: "\(section): \(cells[0])", support: cells[1],
                    declarations: declarations, note: cells[4]))
        }
    }

    /// Rows that promise something that the sources do not have, or nothing at all.
    func violations(against declarations: PublicDeclarations) -> [String] {
        let repeated = Dictionary(grouping: rows, by: \.name).filter { $0.value.count > 1 }.keys.sorted()
        return malformed + repeated.map { "\($0) occurs twice" }
            + rows.flatMap { row -> [String] in
                switch row.support {
                case "yes", "form":
                    if row.declarations.isEmpty { return ["\(row.place): no declaration"] }
                    return row.declarations.filter { !declarations.names.contains($0) }
                        .map { "\(row.place): \($0) is not public" }
                case "no": return row.note.isEmpty ? ["\(row.place): no reason"] : []
                default: return ["\(row.place): \(row.support) is not yes, form or no"]
                }
            }
    }

    /// The sentence that the document must contain.
    var summary: String {
        let count = rows.count { $0.support != "no" }
        let same = rows.count { $0.support == "yes" }
        let share = rows.isEmpty ? 0 : count * 100 / rows.count
        return "**\(count) of \(rows.count) names (\(share) %) are supported**: \(same) in the same way, "
            + "\(count - same) in another form."
    }

    var statesSummary: Bool { file.lines.joined(separator: " ").contains(summary) }
}
