import ArgumentParser
import BelayArchive
import BelayBase
import BelayCore
import BelayEncryption
import BelayText

struct ShowCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show what an archive contains.",
    discussion: """
      A unique beginning of an id is enough; `latest` and `oldest` are ids too.

      Example:
        belay show latest
      """)

  @Argument(help: "The archive's id.", completion: .archive) var id: String
  @OptionGroup var keys: KeyOptions
  @OptionGroup var repository: RepositoryOption
  @OptionGroup var global: GlobalOptions

  func perform(in session: Session) throws(BelayError) -> ExitStatus {
    var settings = try session.settings(try session.configuration(), repository)
    keys.apply(to: &settings, in: session)
    let keyring = Keyring(settings.encryption)
    let shelf = StoreShelf(settings)
    let archive = try shelf.archive(session.archive(id), keys: keyring.hasIdentity ? keyring : nil)
    session.renderer.show(archive, as: Self.lines(archive))
    if archive.isSealed == true, keyring.hasIdentity {
      try shelf.requireFullManifest(ofArchive: session.archive(id), keys: keyring)
    }
    if archive.damage != nil { try shelf.requireManifest(ofArchive: session.archive(id)) }
    return session.end(RunResult(.done, archive.path, archive: archive.id))
  }

  static func lines(_ archive: ArchiveSummary) -> [String] {
    var lines = [
      "id       \(archive.id)",
      "file     \(archive.path) (\(ByteCount.text(archive.bytes)))",
      "created  \(archive.createdAt)",
      "target   \(archive.targetName.map { "\($0) = " } ?? "")\(archive.targetURL)",
      "server   \(archive.server)",
      "driver   \(archive.driver)",
      "kind     \(archive.kind ?? "unknown")",
    ]
    if let scope = archive.scope { lines.append("scope    a part of the database, without \(scope.leftOut)") }
    for recipient in archive.recipients ?? [] { lines.append("for      \(VisibleText.line(recipient))") }
    if archive.proofs.isEmpty { lines.append("proof    none") }
    for proof in archive.proofs {
      lines.append("proof    \(proof.at)  \(proof.level.rawValue)  \(proof.failure.map { "FAILED: \($0)" } ?? "good")")
    }
    // An earlier belay has written it down, or it cannot be read.
    if let failure = archive.failedVerification, archive.proofs.last?.failure != failure {
      lines.append("proof    FAILED: \(failure)")
    }
    if let pin = archive.pin {
      lines.append("pinned   by \(pin.by)\(pin.at.isEmpty ? "" : ", \(pin.at)")\(pin.reason.map { ": \($0)" } ?? "")")
    }
    for copy in archive.copies { lines.append("copy     \(copy.at)  \(copy.repository): \(copy.location)") }
    if let strangeness = archive.strangeness {
      lines.append("origin   not made by this store, so it is restored only with --trust: \(strangeness)")
    }
    if archive.isSealed == true {
      lines.append("tables   encrypted: --identity FILE with a recipient's key shows them")
    }
    let tables = archive.tables.map { table in
      (table.schema.isEmpty ? table.name : "\(table.schema).\(table.name)", Wording.count(table.rows))
    }
    let names = tables.map(\.0.count).max() ?? 0
    let rows = tables.map(\.1.count).max() ?? 0
    if !tables.isEmpty { lines += ["", "tables"] }
    for (table, shown) in zip(archive.tables, tables) {
      let padding = String(repeating: " ", count: rows - shown.1.count)
      lines.append("  \(shown.0.padded(to: names))  \(padding)\(shown.1) rows  digest \(table.digest.prefix(16))")
    }
    if let scope = archive.scope, !scope.leftOutTables.isEmpty {
      lines += ["", "left out"] + scope.leftOutTables.map { "  table \($0)" } + scope.leftOutObjects.map { "  \($0)" }
    }
    let members = archive.members.map(\.name.count).max() ?? 0
    if !archive.members.isEmpty { lines += ["", "members"] }
    for member in archive.members {
      let sizes = "\(ByteCount.text(member.storedBytes)), \(ByteCount.text(member.bytes)) decoded"
      lines.append("  \(member.name.padded(to: members))  \(sizes)")
    }
    if !archive.restore.isEmpty { lines += ["", "how to restore"] + archive.restore.map { "  \($0)" } }
    if !archive.notes.isEmpty { lines += ["", "notes"] + archive.notes.map { "  \($0)" } }
    return lines
  }
}
