/// How a member's stored bytes are encrypted: after they were compressed.
package enum Encryption: String, Codable, Sendable, CaseIterable {
  /// The format of age-encryption.org/v1, so that `age -d` reads it.
  case age

  /// What a member's name ends in.
  package var suffix: String { ".age" }
}

/// For whom an archive is encrypted.
package struct EncryptionRecord: Codable, Sendable, Equatable {
  package var method: Encryption
  /// Public keys, as age writes them: `age1…`, `ssh-ed25519 …`. The key of any of them opens every member.
  package var recipients: [String]

  /// The member that holds the full manifest; nil: the manifest that everybody reads is the full one.
  package var manifest: String?

  package init(method: Encryption = .age, recipients: [String], manifest: String? = nil) {
    self.method = method
    self.manifest = manifest
    self.recipients = recipients
  }
}
