import Testing

/// Records each violation of a rule as a failure of its own.
func expectNone(_ violations: [String], sourceLocation: SourceLocation = #_sourceLocation) {
    for violation in violations { Issue.record("\(violation)", sourceLocation: sourceLocation) }
}
