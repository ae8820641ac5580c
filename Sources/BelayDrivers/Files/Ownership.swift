import Glibc

/// Who could have written to a file or folder. Only root and the current user are trusted.
struct Ownership {
  private let owner: uid_t
  private let mode: mode_t

  init(_ status: stat) {
    owner = status.st_uid
    mode = status.st_mode
  }

  /// Others cannot replace or remove entries that they do not own, as in /tmp.
  var isSticky: Bool { mode & S_ISVTX != 0 }

  struct Flaw {
    /// A text to put after the path, such as "belongs to user 1001".
    let text: String
    let cure: String
    func hint(for path: String) -> String { "\(cure) \(path)" }
  }

  /// Why others could have written it; nil if they could not.
  var flaw: Flaw? { ownerFlaw ?? modeFlaw }

  var ownerFlaw: Flaw? {
    owner == 0 || owner == geteuid()
      ? nil
      : Flaw(text: "belongs to user \(owner), who is neither root nor you", cure: "sudo chown root")
  }

  var modeFlaw: Flaw? {
    switch (mode & S_IWGRP != 0, mode & S_IWOTH != 0) {
    case (_, true): Flaw(text: "can be written to by everybody", cure: "chmod go-w")
    case (true, false): Flaw(text: "can be written to by its group", cure: "chmod g-w")
    case (false, false): nil
    }
  }
}
