/// An archive whose manifest is encrypted too. What everybody reads is a manifest of the same form that tells of no table: its
/// members have numbers for names. The full one is a member of it.
extension Manifest {
  /// The member that holds the full manifest.
  package static let sealedName = "manifest.full.json.age"

  /// What `number` of the members is called in the archive.
  static func sealedName(ofMember number: Int) -> String {
    "members/" + String(repeating: "0", count: max(0, 5 - "\(number)".count)) + "\(number).age"
  }

  /// What everybody may read of this full manifest.
  /// - Parameter sealed: the member that holds the full one.
  func veiled(by sealed: MemberRecord) -> Manifest {
    var veiled = self
    veiled.tables = []
    veiled.notes = []
    veiled.target.databaseBytes = 0
    veiled.scope = scope?.veiled
    veiled.members = members.filter { $0.storedAs == nil } + [sealed] + members.compactMap(\.veiled)
    return veiled
  }

  /// Whether this is what everybody may read of a full manifest.
  func veils(_ full: Manifest) -> Bool {
    id == full.id && createdAt == full.createdAt && target.identity == full.target.identity
      && encryption == full.encryption && schemaSHA256 == full.schemaSHA256
      && members.filter { $0.name != Manifest.sealedName }
        == full.members.filter { $0.storedAs == nil } + full.members.compactMap(\.veiled)
  }
}

extension MemberRecord {
  /// nil: it has its own name in the archive.
  fileprivate var veiled: MemberRecord? {
    guard let storedAs else { return nil }
    return MemberRecord(
      name: storedAs, kind: .sealed, compression: .none, encryption: encryption, bytes: storedBytes,
      storedBytes: storedBytes, sha256: sha256)
  }
}
