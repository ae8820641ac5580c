/// What a member is for.
package enum MemberKind: String, Codable, Sendable, CaseIterable {
  case schema, native, sql, csv, json, readme
  /// In a manifest that everybody reads: what it is is encrypted.
  case sealed
}

/// One member of an archive.
package struct MemberRecord: Codable, Sendable, Equatable {
  /// With its folder and the suffixes of its compression and encryption: `csv/public.users.csv.zst`.
  package var name: String
  package var kind: MemberKind
  /// A native dump's format in the driver's words, e.g. "sqlite_db".
  package var format: String?
  /// The table whose rows it contains.
  package var table: TableName?
  package var compression: Compression
  /// nil: it is stored in clear.
  package var encryption: Encryption?
  /// Size when decoded.
  package var bytes: UInt64
  /// Size in the archive.
  package var storedBytes: UInt64
  /// Its name in the archive, where the manifest is encrypted; nil: `name`.
  package var storedAs: String?
  /// SHA-256 of the stored bytes, 64 hex digits.
  package var sha256: String

  package init(
    name: String, kind: MemberKind, format: String? = nil, table: TableName? = nil, compression: Compression,
    encryption: Encryption? = nil, bytes: UInt64, storedBytes: UInt64, sha256: String
  ) {
    self.name = name
    self.kind = kind
    self.format = format
    self.table = table
    self.compression = compression
    self.encryption = encryption
    self.bytes = bytes
    self.storedBytes = storedBytes
    self.sha256 = sha256
  }

  /// Its name once it is decrypted.
  package var nameInClear: String {
    guard let encryption, name.hasSuffix(encryption.suffix) else { return name }
    return String(name.dropLast(encryption.suffix.count))
  }

  /// What it is called there.
  package var nameInArchive: String { storedAs ?? name }
}
