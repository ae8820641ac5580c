import Glibc

/// Who could have written a file or a folder. Only root and the user are trusted: what others could have written is
/// neither obeyed nor restored from.
package struct Ownership: Sendable {
  private let owner: uid_t
  private let group: gid_t
  private let mode: mode_t

  package init(_ status: stat) {
    owner = status.st_uid
    group = status.st_gid
    mode = status.st_mode
  }

  /// Others cannot replace or remove entries that they do not own, as in /tmp.
  package var isSticky: Bool { mode & S_ISVTX != 0 }

  package struct Flaw: Sendable, Equatable {
    /// A text to put after the path, such as "belongs to user 1001, who is neither root nor you".
    package let text: String
    private let cure: String

    fileprivate init(_ text: String, cure: String) {
      self.text = text
      self.cure = cure
    }

    /// The command that mends it.
    package func cure(for path: String) -> String { "\(cure) \(path)" }
  }

  /// Why others could have written it; nil: they could not.
  package var flaw: Flaw? { ownerFlaw ?? modeFlaw }

  package var ownerFlaw: Flaw? {
    owner == 0 || owner == geteuid()
      ? nil
      : Flaw(
        "belongs to user \(owner), who is neither root nor you",
        cure: geteuid() == 0 ? "chown root" : "sudo chown \(geteuid())")
  }

  package var modeFlaw: Flaw? {
    if mode & S_IWOTH != 0 { return Flaw("can be written to by everybody", cure: "chmod go-w") }
    guard mode & S_IWGRP != 0, !isPrivateGroup else { return nil }
    return Flaw("can be written to by its group", cure: "chmod g-w")
  }

  /// Many systems give each user a group of the same name with nobody else in it, and a umask of 002: then the group's
  /// right gives nobody anything. Root's group is never taken for one.
  private var isPrivateGroup: Bool {
    let user = geteuid()
    guard user != 0 else { return false }
    return UserDatabase.isPrivate(group: group, of: user)
  }
}

/// What the system knows of users and groups.
private enum UserDatabase {
  static func isPrivate(group: gid_t, of user: uid_t) -> Bool {
    guard let name = name(of: user) else { return false }
    var entry = Glibc.group()
    var found: UnsafeMutablePointer<Glibc.group>?
    var buffer = [CChar](repeating: 0, count: 1 << 16)
    guard getgrgid_r(group, &entry, &buffer, buffer.count, &found) == 0, found != nil,
      String(cString: entry.gr_name) == name, var member = entry.gr_mem
    else { return false }
    while let other = member.pointee {
      if String(cString: other) != name { return false }
      member += 1
    }
    return true
  }

  private static func name(of user: uid_t) -> String? {
    var entry = passwd()
    var found: UnsafeMutablePointer<passwd>?
    var buffer = [CChar](repeating: 0, count: 1 << 14)
    guard getpwuid_r(user, &entry, &buffer, buffer.count, &found) == 0, found != nil else { return nil }
    return String(cString: entry.pw_name)
  }
}
