import ArgumentParser
import BelayBase
import BelayCore
import Foundation

extension BackupFormat: ExpressibleByArgument {}
extension VerificationLevel: ExpressibleByArgument {}

/// The kinds of archive that a person, or a schedule, can ask for.
enum BackupKind: String, CaseIterable, ExpressibleByArgument { case manual, scheduled }

struct BackupCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "backup",
    abstract: "Back up a database in every format from the same instant, and verify the backup.",
    discussion: """
      Writes one archive into the store and verifies it: `read` decodes all of it; `restore` restores it into a scratch \
      database and compares the schema and the digest of every table. Prints the path of the archive.

      Example:
        belay backup shop --name before-sale --formats native,sql,csv
        belay backup shop --exclude-table 'log_*'
      """)

  @OptionGroup var argument: TargetArgument
  @Option(name: .long, help: "The end of the archive's id.") var name: String?
  @Option(name: .long, help: "Comma-separated list of native, sql, csv and json.") var formats: String?
  @Option(name: .long, help: "How thoroughly to verify the archive: manifest, read or restore.")
  var verify: VerificationLevel = .restore
  @Option(name: .long, help: "What it is made for: manual or scheduled. Retention has rules for each kind.")
  var kind: BackupKind = .manual
  @OptionGroup var scope: ScopeOptions
  @OptionGroup var recipients: RecipientOptions
  @OptionGroup var keys: KeyOptions
  @OptionGroup var global: GlobalOptions

  func validate() throws { _ = try chosenFormats() }

  func perform(in session: Session) throws(BelayError) -> ExitStatus {
    let configuration = try session.configuration()
    let chosen = try session.resolver(configuration).target(argument.target)
    var settings = keys.settings(configuration, in: session)
    recipients.apply(to: &settings, in: session)
    do {
      if let formats = try chosenFormats() { settings.formats = formats }
    } catch {
      throw BelayError(.usage, "\(error)")
    }
    var request = BackupRequest()
    request.name = name
    request.verify = verify
    let definition = configuration.targets.first { $0.name == chosen.name }
    request.scope = scope.scope(or: definition?.scope)
    request.kind = kind == .manual ? nil : kind.rawValue
    return try session.run(.backup(request), target: chosen, settings: settings)
  }

  /// nil: those of belay.yaml.
  private func chosenFormats() throws -> [BackupFormat]? {
    guard let formats else { return nil }
    var chosen: [BackupFormat] = []
    for name in formats.split(separator: ",").map({ $0.trimmingCharacters(in: .whitespaces) }) {
      guard let format = BackupFormat(rawValue: name) else {
        let known = BackupFormat.allCases.map(\.rawValue)
        throw ValidationError("unknown format `\(name)`: choose from \(known.joined(separator: ", "))")
      }
      if !chosen.contains(format) { chosen.append(format) }
    }
    if chosen.isEmpty { throw ValidationError("--formats is empty") }
    return chosen
  }
}
