import BelayBase
import BelayStore

extension Run {
  /// An archive has been proven: the journal says so, and the store remembers it.
  package func noteVerified(
    _ archive: String, level: VerificationLevel, _ seconds: ProofSeconds = ProofSeconds()
  ) throws(BelayError) {
    try journal.write(.verified(archive: archive, level: level))
    ProofNotes(context: context).noteGood(archive, level: level, seconds)
  }

  package func noteFailedProof(of archive: String, level: VerificationLevel, _ error: BelayError) {
    ProofNotes(context: context).noteFailed(archive, level: level, error)
  }
}
