/// `encryption:` in belay.yaml, and the options that override it. Paths are absolute. Holds no private key.
package struct EncryptionSettings: Codable, Sendable, Equatable {
  /// Public keys as age writes them. Together with those of the files, empty: archives are not encrypted.
  package var recipients: [String] = []
  /// Files with one public key in each line.
  package var recipientsFiles: [String] = []
  /// Files with private keys.
  package var identityFiles: [String] = []
  /// The manifest is encrypted too, so that nobody without a key reads the names of tables.
  package var hidesManifest = false
  /// The private key is not on this machine, and a person accepts that a run that is killed waits for it.
  package var isKeyElsewhere = false

  /// belay.yaml has `encryption` without `recipients`: somebody may take archives for encrypted.
  package var lacksRecipients = false

  package init() {}

  package var encrypts: Bool { !recipients.isEmpty || !recipientsFiles.isEmpty }
}
