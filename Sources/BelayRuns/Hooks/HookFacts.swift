import BelayBase

/// The facts of a run that a hook gets, as one line of JSON on its stdin.
package struct HookFacts: Encodable, Sendable {
  package struct Table: Encodable, Sendable {
    let table: String
    let before: UInt64?
    let after: UInt64?
  }

  package struct Failure: Encodable, Sendable {
    let kind: BelayError.Kind
    let message: String
  }

  let event = "hook"
  let run: String
  let kind: String
  /// The name in belay.yaml; nil: it has none.
  let target: String?
  /// Without secrets.
  let url: String
  let moment: String
  /// "success" or "failure", of what the hook stands behind; nil: it stands before something.
  var outcome: String?
  var error: Failure?
  /// The run's backup, as soon as there is one.
  var archive: String?
  /// What the change did to the target.
  var tables: [Table]?
  let folder: String
}
