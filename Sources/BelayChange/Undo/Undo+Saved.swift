import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import BelayRuns
import BelayStore

/// What others were told is committed is not taken away before it is in an archive.
extension Undo {
  /// How often what is in the target is saved once more because others have written meanwhile.
  private static let savesAgain = 5

  /// Backs up what is in the target before anything is put over it. Where this fails, belay says so; a method that keeps
  /// what was there can still be used.
  /// - Returns: the archive; nil: it failed, or the target cannot be read.
  package func saveWhatIsThere(label: String) -> String? {
    do {
      return try SafetyBackup(run: run, label: label).save()
    } catch {
      context.log(.warning, "the current state could not be backed up before the rollback: \(error.message)")
      return nil
    }
  }

  /// For a method that writes over what is in the target: others may have written since the last archive.
  /// - Throws: where there is something to save, and it cannot be saved.
  func saveWhatIsNew() throws(BelayError) {
    guard let present = readable() else { return }
    guard holder(of: present, in: Journal.readable(run.journal.path)) == nil else { return }
    do {
      _ = try SafetyBackup(run: run, label: "before-rollback").save()
    } catch {
      throw BelayError(
        .notRolledBack, "what is in \(target) is in no archive, and could not be saved: \(error.message)",
        hint: error.hint ?? "make room for another archive, then run `belay recover \(run.id)`",
        causes: error.causes)
    }
  }

  /// Loads schema and rows over what is there. Where the engine keeps others out from the beginning of that transaction, it
  /// is looked at again before the first row is taken away.
  func replaceRows(by loader: ArchiveLoader) throws(BelayError) {
    let isExclusive = run.connection.traits.isExclusive && run.connection.traits.hasTransactions
    for _ in 0..<Self.savesAgain {
      try saveWhatIsNew()
      try run.journal.write(.rollingBack(method: .rows, archive: reader.manifest.id))
      do {
        return try loader.replaceRows(in: run.connection) { () throws(BelayError) in
          guard isExclusive, let present = readable() else { return }
          guard holder(of: present, in: Journal.readable(run.journal.path)) == nil else { return }
          throw BelayError(.changedMeanwhile, "others keep writing to \(target)")
        }
      } catch  where error.kind == .changedMeanwhile {
        context.log(.notice, "others have written to \(target) meanwhile: saving that too")
      }
    }
    throw BelayError(
      .changedMeanwhile, "others write to \(target) faster than it can be saved",
      hint: "stop the other programs, then run `belay recover \(run.id)`")
  }

  /// nil: it cannot be read, so there is nothing to save.
  private func readable() -> DatabaseState? {
    do {
      return try StateReader(context: context, what: "reading the current state", stoppable: false).read(run.connection)
    } catch {
      context.log(.debug, error.message)
      return nil
    }
  }

  /// Names the commands that get what was taken away out of the archives that hold it.
  func tellSaved() {
    let lines = savedLines()
    guard !lines.isEmpty else { return }
    context.narrator.tell(.section(Section("where what was taken away can be looked at", lines)))
    run.report.add(.saved(lines))
  }

  private func savedLines() -> [String] {
    var lines: [String] = []
    for case .backedUp(let archive) in Journal.readable(run.journal.path) where archive != reader.manifest.id {
      do {
        let saved = try DatabaseState.recorded(in: try context.store.archives.resolve(archive).open(with: context.keys))
        let losses = Losses(
          present: saved, backup: try DatabaseState.recorded(in: reader),
          leavingOut: Set([receipts?.table, Connection.lockTable].compactMap(\.self)))
        let tables = losses.tables.filter { (saved.tables[$0]?.rows ?? 0) > 0 && !leavesOut($0) }
          .map(\.description).sorted()
        guard !tables.isEmpty else { continue }
        lines.append(command("diff", archive, run.access.target.name ?? run.access.redactedURL, "--data"))
        lines += tables.prefix(Self.tablesNamed).map { command("extract", archive, "--table", $0) }
        if tables.count > Self.tablesNamed {
          lines.append("… and \(tables.count - Self.tablesNamed) more tables of \(archive)")
        }
      } catch {
        context.log(.debug, "\(archive): \(error.message)")
      }
    }
    return lines
  }

  private static let tablesNamed = 5

  private func command(_ words: String...) -> String {
    (["belay"] + words.map(\.shellWord) + context.settings.repeatedOptions).joined(separator: " ")
  }

  private func leavesOut(_ table: TableName) -> Bool {
    table.name == receipts?.table || table.name == Connection.lockTable
  }
}
