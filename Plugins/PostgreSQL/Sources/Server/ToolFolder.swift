import BelayDriverKit
import Glibc

/// A folder that the option tools_dir names. Its programs are run with the user's rights and are given the password, so
/// nobody but root and the user may be able to exchange them.
enum ToolFolder {
  static func refuseForeign(_ folder: String) throws(DriverFailure) {
    try refuse("the folder", folder)
    for program in Tools.programs {
      let path = folder + "/" + program
      // Missing programs are reported together, elsewhere.
      guard let real = realPath(path) else { continue }
      try refuse("the program", real)
      if let slash = real.lastIndex(of: "/") { try refuse("the folder", String(real[..<slash])) }
    }
  }

  private static func refuse(_ what: String, _ path: String) throws(DriverFailure) {
    var status = stat()
    guard stat(path, &status) == 0 else { return }
    let (flaw, cure): (String, String)
    if status.st_uid != 0, status.st_uid != geteuid() {
      (flaw, cure) = ("belongs to user \(status.st_uid), who is neither root nor you", "chown root")
    } else if status.st_mode & (S_IWGRP | S_IWOTH) != 0 {
      (flaw, cure) = ("can be written to by others", "chmod go-w")
    } else {
      return
    }
    throw DriverFailure(
      .denied, "the option tools_dir is not used: \(what) \(path) \(flaw)",
      hint: "look at what is in it, then: \(cure) \(path); or leave tools_dir out")
  }

  private static func realPath(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
