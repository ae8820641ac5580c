import BelayBase
import BelayDatabase
import BelayEncryption

extension Preflight {
  /// What is to be known of the encryption of a backup: `encryption` in belay.yaml encrypts nothing without recipients. To
  /// read archives of others, a key alone is enough, so that it is no error.
  package func encryption() -> [Finding] {
    let settings = context.settings.encryption
    guard settings.lacksRecipients, !settings.encrypts else { return [] }
    return [
      Finding(
        .warning, source: "preflight", rule: "not-encrypted", subject: access.redactedURL,
        message: "the backup is not encrypted: `encryption` in belay.yaml has no `recipients`",
        hint: "add `recipients`; for a key that only opens archives, set BELAY_IDENTITY_FILE instead of `identity_file`"
      )
    ]
  }

  /// A change can be taken back from its encrypted backup as long as its process lives, which can read what it has written.
  /// After a crash only a recipient's private key opens it.
  package func recoveryKey() -> [Finding] {
    guard context.settings.encryption.encrypts, !context.settings.encryption.isKeyElsewhere else { return [] }
    let subject = access.redactedURL
    guard context.keys.hasIdentity else {
      return [
        Finding(
          .error, source: "preflight", rule: "recovery-key", subject: subject,
          message:
            "the backup will be encrypted, and no private key is at hand: if belay is killed, nothing here opens it",
          hint: "add --identity FILE or set BELAY_IDENTITY_FILE; or, if you would bring the key to a recovery, add "
            + "--key-elsewhere")
      ]
    }
    do throws(BelayError) {
      try context.keys.readIdentities()
      return []
    } catch {
      return [
        Finding(
          .error, source: "preflight", rule: "recovery-key", subject: subject, message: error.message, hint: error.hint)
      ]
    }
  }
}
