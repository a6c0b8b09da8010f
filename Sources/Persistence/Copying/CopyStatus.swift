/// How far a copy is.
package struct CopyStatus: Equatable, Sendable {
    /// What is being done.
    package enum Step: Sendable {
        /// The rows of an earlier copy are compared with the source.
        case checking
        case copying
    }

    package let step: Step
    /// The number of rows that are done.
    package let done: Int64
    /// The number of rows of this step.
    package let total: Int64

    package init(_ step: Step, done: Int64, of total: Int64) {
        (self.step, self.done, self.total) = (step, done, total)
    }
}
