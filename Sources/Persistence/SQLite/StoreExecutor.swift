/// Runs the jobs of one store or reader in order.
package protocol StoreExecutor: SerialExecutor {
    /// Ends after the jobs already queued. To be called when no actor can enqueue any more.
    func stop()
}
