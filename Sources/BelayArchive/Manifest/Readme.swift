import BelayText

/// README.txt: how to restore without belay, for whoever finds the archive years from now.
enum Readme {
  static func text(_ manifest: Manifest) -> String {
    var lines: [String] = []
    lines += [
      "A backup of \(manifest.target.url)",
      "taken \(manifest.createdAt) by belay \(manifest.belayVersion), archive format \(manifest.format)",
      "from \(manifest.target.serverName) \(manifest.target.serverVersion)".trimmed(),
      "",
    ]
    if let scope = manifest.scope {
      lines += ["It holds a part of the database, without \(scope.leftOut): see `scope` in manifest.json.", ""]
    }
    lines += [
      "With belay:",
      "",
      "    belay restore \(manifest.id) --into URL",
      "",
      "Without belay: unpack this archive into an empty folder, and check that nothing is damaged.",
      "",
      "    tar xf \(manifest.id).tar",
      "    sha256sum -c SHA256SUMS",
    ]
    if let encryption = manifest.encryption {
      lines += [
        "",
        "Files that end in .age are encrypted (https://age-encryption.org). The private key of any of these opens them:",
        "",
      ]
      lines += encryption.recipients.map { "    " + $0 }
      lines += encryption.manifest == nil ? Self.decryption : Self.decryptionOfSealed
    }
    let compressions = Set(manifest.members.map(\.compression))
    if compressions.contains(.zstd) { lines += ["", "Files that end in .zst:    zstd -d FILE.zst"] }
    if compressions.contains(.gzip) { lines += ["", "Files that end in .gz:     gzip -dk FILE.gz"] }
    let ways = manifest.waysToRestore
    if ways.count == 1 {
      lines += ["", "Then, with the database's own client:", ""] + ways[0].map { "    " + $0 }
    } else if !ways.isEmpty {
      lines += ["", "Then, with the database's own client, in one of \(ways.count) ways. One is enough."]
      for (number, way) in ways.enumerated() {
        lines += ["", "\(number == 0 ? "Either" : "Or"):", ""] + way.map { "    " + $0 }
      }
    }
    lines += ["", "What is in it", ""]
    lines += contents(manifest)
    // They may name tables.
    if !manifest.notes.isEmpty, manifest.encryption?.manifest == nil {
      lines += ["", "Notes", ""]
      lines += manifest.notes.map { "  - " + $0 }
    }
    return lines.map(VisibleText.line).joined(separator: "\n") + "\n"
  }

  private static let decryption = [
    "", "To decrypt all of them, with that key in KEY.txt:", "",
    "    find . -name '*.age' -exec sh -c 'age -d -i KEY.txt -o \"${1%.age}\" \"$1\"' sh {} \\;",
  ]

  /// The members have numbers for names.
  private static let decryptionOfSealed = [
    "", "To decrypt all of them, with that key in KEY.txt; \(Manifest.sealedName) has their names:", "",
    "    age -d -i KEY.txt -o manifest.full.json \(Manifest.sealedName)",
    "    jq -r '.members[] | select(.storedAs) | .storedAs, .name' manifest.full.json |",
    "      while read -r stored && read -r name; do",
    "        mkdir -p \"$(dirname \"$name\")\" && age -d -i KEY.txt -o \"${name%.age}\" \"$stored\"",
    "      done",
  ]

  private static func contents(_ manifest: Manifest) -> [String] {
    let suffix = manifest.encryption?.method.suffix ?? ""
    let kinds = Set(manifest.members.map(\.kind))
    var rows = [
      ("manifest.json", "what was backed up: every file with its size and SHA-256, every table with its row count"),
      ("SHA256SUMS", "for sha256sum"),
    ]
    if kinds.contains(.schema) { rows.append(("schema.json" + suffix, "every object of the schema, with its SQL")) }
    for member in manifest.members where member.kind == .native {
      rows.append((member.name, "the whole database as its own tools write it (\(member.format ?? "native"))"))
    }
    for member in manifest.members where member.kind == .sql {
      rows.append((member.name, "\(manifest.scope == nil ? "the whole database" : "all of it") as SQL text"))
    }
    if kinds.contains(.csv) {
      rows.append(("csv/", "one file per table: text in quotes, NULL empty, blobs as \\x and hex digits"))
    }
    if kinds.contains(.json) { rows.append(("json/", "one file per table: an array with one row per line")) }
    let width = rows.map(\.0.count).max() ?? 0
    return rows.map { name, meaning in
      "  " + name + String(repeating: " ", count: width - name.count + 2) + meaning
    }
  }
}

extension String {
  /// Without spaces at its end.
  fileprivate func trimmed() -> String {
    var text = self
    while text.hasSuffix(" ") { text.removeLast() }
    return text
  }
}
