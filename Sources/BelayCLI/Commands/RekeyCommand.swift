import ArgumentParser
import BelayBase
import BelayCore

struct RekeyCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "rekey",
    abstract: "Encrypt an archive for other recipients.",
    discussion: """
      Writes the archive anew, reads it back, compares every member with the old one, and puts it in the old one's place. \
      Needs a key that opens the archive now; an archive that is not encrypted needs none. The recipients are those of the \
      options, or else of belay.yaml. A manifest that is encrypted stays so; --encrypt-manifest encrypts one that is not. Afterwards `belay verify --level restore` proves that the new file restores.

      Example:
        belay rekey 20261120T143022Z-shop --recipients-file recipients.txt --identity old-key.txt
      """)

  @Argument(help: "The archive's id, a unique beginning of it, `latest` or `oldest`.", completion: .archive)
  var id: String
  @OptionGroup var recipients: RecipientOptions
  @OptionGroup var keys: KeyOptions
  @OptionGroup var global: GlobalOptions

  func perform(in session: Session) throws(BelayError) -> ExitStatus {
    var settings = keys.settings(try session.configuration(), in: session)
    recipients.apply(to: &settings, in: session)
    return session.runHere(.rekey(RekeyRequest(id: session.archive(id))), settings: settings)
  }
}
