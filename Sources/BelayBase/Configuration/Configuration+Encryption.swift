extension Configuration {
  /// `encryption:`
  mutating func takeEncryption(_ value: YAMLValue) throws(ConfigurationError) {
    let fields = try value.fields(["recipients", "identity_file", "key_elsewhere", "encrypt_manifest"])
    if let value = fields["recipients"] {
      let texts = try Self.texts(value)
      if texts.isEmpty {
        throw value.failure("`\(value.path)` is empty", hint: "omit `encryption` for archives that are not encrypted")
      }
      for text in texts {
        if Self.isKey(text) {
          encryption.recipients.append(text)
        } else {
          encryption.recipientsFiles.append(absolute(text))
        }
      }
    }
    encryption.lacksRecipients = fields["recipients"] == nil
    if let value = fields["identity_file"] { encryption.identityFiles = try Self.texts(value).map(absolute) }
    if let value = fields["encrypt_manifest"] { encryption.hidesManifest = try value.flag() }
    if let value = fields["key_elsewhere"] { encryption.isKeyElsewhere = try value.flag() }
  }

  /// And not the path of a file. A private key, which has no place here, is taken for a key too, so that it is refused.
  private static func isKey(_ text: String) -> Bool {
    let lowered = text.lowercased()
    return ["age1", "ssh-", "age-secret-key-", "ecdsa-", "sk-"].contains { lowered.hasPrefix($0) }
  }
}
