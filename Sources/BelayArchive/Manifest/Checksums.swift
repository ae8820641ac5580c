/// SHA256SUMS, in the form that `sha256sum -c` reads: two spaces between hash and name, one line per member, itself
/// excepted.
///
/// It follows from the manifest byte for byte. This protects the manifest: its own hash is only here.
enum Checksums {
  static func text(manifest: Manifest, manifestSHA256: String) -> String {
    var text = "\(manifestSHA256)  \(MemberName.manifest)\n"
    for member in manifest.members { text += "\(member.sha256)  \(member.name)\n" }
    return text
  }
}
