import BelayArchive
import BelayBase
import BelayProcess
import Synchronization

/// The keys of one process: for whom its archives are encrypted, the private keys that it was given, and one of its own,
/// which ends with it. Nothing is read before it is needed.
package final class Keyring: MemberDecryptor {
  private let settings: EncryptionSettings
  private let state = Mutex(State())

  private struct State {
    /// Of an archive that is put back: for whom what is saved before that is encrypted, if the settings say nothing.
    var inherited: EncryptionRecord?
    /// Whatever the settings say.
    var hidesManifest = false
    /// nil: not looked at yet.
    var encryptor: AgeEncryptor?
    var own: MemoryFile?
    var identities: [Identity]?
  }

  package init(_ settings: EncryptionSettings) { self.settings = settings }

  /// What the archives of this process are encrypted with; nil: they are not.
  /// - Throws: `.refused` where age is missing, `.usage` where a recipient is malformed.
  package func encryptor() throws(BelayError) -> (any MemberEncryptor)? {
    var settings = settings
    if !settings.encrypts, let inherited = state.withLock({ $0.inherited }) {
      settings.recipients = inherited.recipients
      settings.hidesManifest = inherited.manifest != nil
    }
    if state.withLock({ $0.hidesManifest }) { settings.hidesManifest = true }
    guard settings.encrypts else {
      // Whoever asks for that does not want an archive in clear.
      guard settings.hidesManifest else { return nil }
      throw BelayError(
        .usage, "the manifest is to be encrypted, but no recipient is given",
        hint: "add --recipient KEY, or `recipients` under `encryption` in belay.yaml", state: "nothing was done")
    }
    return try state.withLock { (state) throws(BelayError) -> AgeEncryptor in
      if let encryptor = state.encryptor { return encryptor }
      let age = try AgeProgram("age")
      // Read once: a file of them may change.
      let recipients = try Recipients(settings, age)
      let own: MemoryFile
      if let known = state.own { own = known } else { own = try AgeEncryptor.newKey() }
      let encryptor = try AgeEncryptor(
        recipients, hidesManifest: settings.hidesManifest, own: own, age: age, decryptor: self)
      (state.own, state.encryptor) = (own, encryptor)
      return encryptor
    }
  }

  /// What is saved before this archive is put back holds data like its own: it is encrypted for the same recipients, if the
  /// settings name none.
  package func encryptLike(_ manifest: Manifest) {
    guard let encryption = manifest.encryption else { return }
    state.withLock { $0.inherited = encryption }
  }

  /// The manifests of archives that are written from now on are encrypted, also if the settings do not say so. Asked for
  /// before the first is written.
  package func hideManifests() { state.withLock { $0.hidesManifest = true } }

  /// Whether a private key was given.
  package var hasIdentity: Bool { !settings.identityFiles.isEmpty }

  /// Reads the private keys that were given.
  /// - Throws: why one cannot be used.
  package func readIdentities() throws(BelayError) { _ = try identities() }

  private func identities() throws(BelayError) -> [Identity] {
    try state.withLock { (state) throws(BelayError) -> [Identity] in
      if let identities = state.identities { return identities }
      let identities = try settings.identityFiles.map { path throws(BelayError) in try Identity(path) }
      state.identities = identities
      return identities
    }
  }

  // MARK: Reading

  package func decrypting(
    _ member: String, path: String, recipients: [String]
  ) throws(ArchiveError) -> any CipherStream {
    try stream(member, path: path, recipients: recipients, own: state.withLock { $0.own })
  }

  /// The keys that were given, without the process's own: those that there are when it has ended.
  package var given: any MemberDecryptor { GivenKeys(keyring: self) }

  private struct GivenKeys: MemberDecryptor {
    let keyring: Keyring

    func decrypting(_ member: String, path: String, recipients: [String]) throws(ArchiveError) -> any CipherStream {
      try keyring.stream(member, path: path, recipients: recipients, own: nil)
    }
  }

  private func stream(
    _ member: String, path: String, recipients: [String], own: MemoryFile?
  ) throws(ArchiveError) -> any CipherStream {
    let files: [MemoryFile]
    let age: AgeProgram
    do throws(BelayError) {
      files = (own.map { [$0] } ?? []) + (try identities().map(\.file))
      if files.isEmpty { throw Self.noKey(path, recipients) }
      age = try AgeProgram("age")
    } catch {
      throw ArchiveError(
        error.kind == .wrongKey ? .wrongKey : .keyRefused, path: path, member: member,
        ([error.message] + error.causes).joined(separator: ": "), hint: error.hint)
    }
    return try AgeStream(
      age, ["-d"], files.map { .init(option: "-i", file: $0) }, member: member, path: path
    ) { reason, isFromTheBeginning in
      guard isFromTheBeginning else {
        return ArchiveError(
          .damaged, path: path, member: member, "\(path): \(member) is damaged: age cannot decrypt it: \(reason)",
          hint: "use another backup: `belay list` shows them")
      }
      return ArchiveError(
        .wrongKey, path: path, member: member, "the key does not open \(path): \(reason)",
        hint: "it needs --identity FILE with the private key of \(Self.names(recipients))")
    }
  }

  private static func noKey(_ path: String, _ recipients: [String]) -> BelayError {
    BelayError(
      .wrongKey, "\(path) is encrypted, and no key was given",
      hint: "add --identity FILE with the private key of \(names(recipients)), or set BELAY_IDENTITY_FILE",
      state: "nothing was changed")
  }

  private static func names(_ recipients: [String]) -> String {
    recipients.isEmpty ? "a recipient" : recipients.map { String($0.prefix(80)) }.joined(separator: " or ")
  }
}
