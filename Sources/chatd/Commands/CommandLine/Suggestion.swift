/// Suggests a word for a mistyped one.
enum Suggestion {
    /// The candidate nearest to a word, if the word can be a typo of it: at most two letters, and fewer than half of
    /// the word's letters, are added, missing, replaced or swapped. Of equally near candidates, the first.
    static func nearest(to word: String, among candidates: [String]) -> String? {
        // The comparison is quadratic, and a longer word is no typo.
        guard word.count <= 64 else { return nil }
        let limit = min(2, (word.count - 1) / 2)
        let near = candidates.map { (word: $0, distance: distance(Array(word), Array($0))) }
        return near.filter { $0.distance <= limit }.min { $0.distance < $1.distance }?.word
    }

    /// The number of letters to add, remove, replace or swap with a neighbour.
    private static func distance(_ left: [Character], _ right: [Character]) -> Int {
        var rows = [Array(0...right.count)]
        for (row, letter) in left.enumerated() {
            var next = [row + 1]
            for (column, other) in right.enumerated() {
                var cost = min(
                    rows[row][column] + (letter == other ? 0 : 1), rows[row][column + 1] + 1, next[column] + 1)
                if row > 0, column > 0, letter == right[column - 1], left[row - 1] == other {
                    cost = min(cost, rows[row - 1][column - 1] + 1)
                }
                next.append(cost)
            }
            rows.append(next)
        }
        return rows[left.count][right.count]
    }
}
