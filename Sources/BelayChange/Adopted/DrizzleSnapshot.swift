import BelayBase
import Foundation
import SystemPackage

/// drizzle-kit's picture of the schema, of which each migration has one. A migration that a person writes has the one of the
/// migration before it, under an id of its own.
enum DrizzleSnapshot {
  static func next(after path: String?, in folder: ToolFolder) throws(BelayError) -> String {
    guard let path, FileManager.default.fileExists(atPath: folder.path.appending(path).string) else {
      throw missing(folder.path.string)
    }
    var text = try folder.file(path).sql
    guard let id = text.firstMatch(of: /"id"\s*:\s*"([^\x22]+)"/) else { throw missing(folder.path.string) }
    let old = String(id.1)
    text = text.replacing(/"prevId"\s*:\s*"[^\x22]*"/, maxReplacements: 1) { _ in "\"prevId\": \"\(old)\"" }
    text = text.replacing(/"prevIds"\s*:\s*\[[^\]]*\]/, maxReplacements: 1) { _ in
      "\"prevIds\": [\n    \"\(old)\"\n  ]"
    }
    return text.replacing(/"id"\s*:\s*"[^\x22]+"/, maxReplacements: 1) { _ in
      "\"id\": \"\(UUID().uuidString.lowercased())\""
    }
  }

  static func missing(_ folder: String) -> BelayError {
    BelayError(
      .refused, "the folder \(folder) has no snapshot of drizzle-kit's to go on from",
      hint: "make the file with `drizzle-kit generate --custom --name NAME`, which writes one from your schema",
      state: "nothing was written")
  }
}
