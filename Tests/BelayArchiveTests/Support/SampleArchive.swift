import BelayArchive
import SystemPackage

/// Writes small archives that hold a bit of everything.
enum SampleArchive {
  static let users = TableName(schema: "public", name: "users")

  static func manifest(id: String = "20261120T143022Z-test") -> Manifest {
    Manifest(
      id: id, createdAt: "2026-11-20T14:30:22Z", belayVersion: "1.2.3",
      target: TargetRecord(
        name: "app", url: "sqlite:app.db", identity: "/srv/app.db", driver: "sqlite", driverVersion: "1.0",
        driverSHA256: String(repeating: "ab", count: 32), serverName: "SQLite", serverVersion: "3.40.1",
        databaseBytes: 8192),
      tables: [
        TableRecord(
          schema: "public", name: "users", columns: ["id", "name"], rows: 2,
          digest: String(repeating: "0", count: 64), flags: ["internal"])
      ],
      restore: ["zstd -d full_backup.db.zst", "cp full_backup.db app.db"], notes: ["nothing was left out"])
  }

  static func write(
    in folder: TemporaryFolder, name: String = "sample", compression: Compression = .zstd,
    native: [UInt8] = Array(repeating: 7, count: 5000)
  ) throws -> FilePath {
    let final = folder.path.appending(name + ".tar")
    let writer = try ArchiveWriter(final: final, staging: folder.folder("staging"), compression: compression)
    let members = [
      (try writer.member(MemberName.csv(users), kind: .csv, table: users), Array("id,name\n1,\"a\"\n2,\n".utf8)),
      (try writer.member(MemberName.native(fileExtension: "db"), kind: .native, format: "sqlite_db"), native),
      (try writer.member(MemberName.sql, kind: .sql), Array("CREATE TABLE users(id, name);\n".utf8)),
      (try writer.member(MemberName.schema, kind: .schema), Array("{}\n".utf8)),
    ]
    for (member, bytes) in members {
      try bytes.withUnsafeBytes { try member.write($0) }
      try member.finish()
    }
    _ = try writer.finish(manifest(id: name))
    return final
  }
}

extension ArchiveReader {
  /// A whole member, decoded.
  func bytes(_ member: String) throws -> [UInt8] {
    var bytes: [UInt8] = []
    try read(member) { bytes += Array($0) }
    return bytes
  }
}
