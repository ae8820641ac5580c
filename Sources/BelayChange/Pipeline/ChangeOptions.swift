/// What a person chose for one run of a change.
package struct ChangeOptions: Sendable {
  /// Try it on a restored copy first.
  package var rehearses: Bool
  /// End the sessions of others right before it is applied.
  package var terminates: Bool
  /// Tables that may lose rows, for all parts.
  package var allowLoss: Set<String>
  /// The archive to use in place of a new backup; nil: make one.
  package var backup: String?

  package init(
    rehearses: Bool = true, terminates: Bool = false, allowLoss: Set<String> = [], backup: String? = nil
  ) {
    self.rehearses = rehearses
    self.terminates = terminates
    self.allowLoss = allowLoss
    self.backup = backup
  }
}
