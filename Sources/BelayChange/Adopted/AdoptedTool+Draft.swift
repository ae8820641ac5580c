import BelayBase
import Foundation

extension DbmateTool {
  package func draft(_ title: MigrationTitle, in folder: ToolFolder, now: Date) throws(BelayError) -> [DraftedFile] {
    let form = NameForm(folder.sqlFiles, usual: .seconds)
    let name = form.name(title, now: now)
    if let newest = form.newest, name < newest {
      throw BelayError(
        .refused, "\(name).sql would come before the file of version \(newest): dbmate orders names as text",
        hint: "give the files zeros in front, or name the file yourself", state: "nothing was written")
    }
    return [DraftedFile(name + ".sql", "-- migrate:up\n\n\n-- migrate:down\n\n")]
  }
}

extension GooseTool {
  package func draft(_ title: MigrationTitle, in folder: ToolFolder, now: Date) throws(BelayError) -> [DraftedFile] {
    let names = folder.listing.files.filter { $0.hasSuffix(".sql") || $0.hasSuffix(".go") }
    let name = NameForm(names, usual: .seconds).name(title, now: now)
    return [DraftedFile(name + ".sql", "-- +goose Up\n\n\n-- +goose Down\n\n")]
  }
}

extension GolangMigrateTool {
  package func draft(_ title: MigrationTitle, in folder: ToolFolder, now: Date) throws(BelayError) -> [DraftedFile] {
    let names = folder.listing.files.filter { $0.firstMatch(of: /\.(?:up|down)\./) != nil }
    return PlainDraft.pair(
      NameForm(names, usual: .seconds).name(title, now: now), "-- \(title.text)\n\n", "-- undoes \(title.text)\n\n")
  }
}

extension SqlxTool {
  package func draft(_ title: MigrationTitle, in folder: ToolFolder, now: Date) throws(BelayError) -> [DraftedFile] {
    let name = NameForm(folder.sqlFiles, usual: .seconds).name(title, now: now)
    guard folder.sqlFiles.contains(where: { $0.hasSuffix(".up.sql") }) else {
      return [DraftedFile(name + ".sql", "-- \(title.text)\n\n")]
    }
    return PlainDraft.pair(name, "-- \(title.text)\n\n", "-- undoes \(title.text)\n\n")
  }
}

extension DieselTool {
  package func draft(_ title: MigrationTitle, in folder: ToolFolder, now: Date) throws(BelayError) -> [DraftedFile] {
    let names = folder.listing.folders.filter { $0.value.contains("up.sql") }.keys
    let name = NameForm(names, usual: .dieselSeconds).name(title, now: now)
    return [
      DraftedFile(name + "/up.sql", "-- \(title.text)\n\n"),
      DraftedFile(name + "/down.sql", "-- undoes \(title.text)\n\n"),
    ]
  }
}

extension FlywayTool {
  package func draft(_ title: MigrationTitle, in folder: ToolFolder, now: Date) throws(BelayError) -> [DraftedFile] {
    var newest: (version: String, text: String)?
    for path in folder.allFiles() {
      let name = path.split(separator: "/").last.map(String.init) ?? path
      guard let parsed = FlywayName(name), parsed.kind == .versioned || parsed.kind == .baseline,
        newest.map({ precedes($0.version, parsed.version) }) ?? true
      else { continue }
      let text = name.dropFirst().prefix { $0.isNumber || $0 == "." || $0 == "_" }
      newest = (parsed.version, text.split(separator: "__").first.map(String.init) ?? String(text))
    }
    // Of 1.2.3 the last number is the one that counts.
    let text = newest?.text ?? ""
    let end = text.lastIndex { $0 == "." || $0 == "_" }.map { text.index(after: $0) } ?? text.startIndex
    let last = String(text[end...])
    let form = last.isEmpty ? VersionForm.counter1 : VersionForm(of: last)
    let version = text[..<end] + form.next(after: last.isEmpty ? nil : last, now: now)
    return [DraftedFile("V\(version)__\(title.text).sql", "-- \(title.text)\n\n")]
  }
}
