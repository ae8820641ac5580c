import ArgumentParser
import BelayBase

/// With which private keys encrypted archives are opened.
struct KeyOptions: ParsableArguments {
  /// What names a key file where no option does.
  static let variable = "BELAY_IDENTITY_FILE"

  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp(
      "File with a private key, of age or SSH, that opens encrypted archives. Can be repeated. Default: "
        + "BELAY_IDENTITY_FILE, then `identity_file` in belay.yaml.", valueName: "file"), completion: .file())
  var identity: [String] = []

  /// Overrides what belay.yaml and the environment say.
  func apply(to settings: inout Settings, in session: Session) {
    guard !identity.isEmpty else { return }
    settings.encryption.identityFiles = identity.map { Configuration.absolute($0, from: session.currentFolder) }
  }

  /// What holds for a command with these options.
  func settings(_ configuration: Configuration, in session: Session) -> Settings {
    var settings = session.settings(configuration)
    apply(to: &settings, in: session)
    return settings
  }
}

/// For whom the archives of a command are encrypted.
struct RecipientOptions: ParsableArguments {
  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp(
      "Encrypt the archive for this public key: age1…, ssh-ed25519 … or ssh-rsa …. Can be repeated. Default: "
        + "`encryption` in belay.yaml.", valueName: "key"))
  var recipient: [String] = []
  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp(
      "Encrypt it for the public keys in this file, one per line. Can be repeated.", valueName: "file"),
    completion: .file())
  var recipientsFile: [String] = []

  @Flag(
    name: .long,
    help: """
      Encrypt the manifest too: without a key, nobody reads the names of tables. Default: `encrypt_manifest` in belay.yaml.
      """)
  var encryptManifest = false

  var isEmpty: Bool { recipient.isEmpty && recipientsFile.isEmpty }

  /// Overrides what belay.yaml says.
  func apply(to settings: inout Settings, in session: Session) {
    if encryptManifest { settings.encryption.hidesManifest = true }
    if isEmpty { return }
    settings.encryption.recipients = recipient
    settings.encryption.recipientsFiles = recipientsFile.map {
      Configuration.absolute($0, from: session.currentFolder)
    }
  }
}

/// Keys and recipients of a command that changes a database, and may have to put it back after a crash.
struct ChangeKeyOptions: ParsableArguments {
  @OptionGroup var recipients: RecipientOptions
  @OptionGroup var keys: KeyOptions
  @Flag(
    name: .long,
    help: """
      Begin although no private key that opens the encrypted backup is at hand: if belay is killed, `belay recover` may need \
      it. Default: `key_elsewhere` in belay.yaml.
      """)
  var keyElsewhere = false

  /// What holds for a command with these options.
  func settings(_ configuration: Configuration, in session: Session) -> Settings {
    var settings = keys.settings(configuration, in: session)
    recipients.apply(to: &settings, in: session)
    if keyElsewhere { settings.encryption.isKeyElsewhere = true }
    return settings
  }
}
