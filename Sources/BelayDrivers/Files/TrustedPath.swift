import BelayRows
import Glibc

/// Walks to a driver's file from the root, link by link, and refuses every step at which somebody else could have turned
/// the walk: a folder that others can write to, a link that is not root's or the user's own.
///
/// This is what makes it safe to hand the loader a path instead of an open file (`dlopen` of /proc/self/fd/N would break
/// `$ORIGIN`, and the loader takes two drivers that got the same N for one): whoever could swap the file after it was
/// looked at is somebody who needs no trick.
enum TrustedPath {
  struct Refusal: Error {
    enum Reason {
      case untrusted(String)
      case unreachable(String)
    }
    let reason: Reason
    var hint: String?
  }

  /// The same limit as the kernel's.
  private static let mostLinks = 40

  /// The path without links. The folder that holds the file must not even be sticky: others could add to it.
  static func resolve(_ path: String) throws(Refusal) -> String {
    var pending = Array(path.split(separator: "/").map(String.init).reversed())
    var resolved: [String] = []
    var links = 0
    try check(try look(at: "/"), "/")
    while let step = pending.popLast() {
      if step == "." { continue }
      if step == ".." {
        _ = resolved.popLast()
        continue
      }
      let here = "/" + (resolved + [step]).joined(separator: "/")
      let status = try look(at: here)
      switch status.st_mode & S_IFMT {
      case S_IFLNK:
        links += 1
        guard links <= mostLinks else { throw Refusal(reason: .unreachable("\(path): too many links")) }
        try check(status, here)
        let target = try readLink(here)
        if target.hasPrefix("/") { resolved = [] }
        pending += target.split(separator: "/").map(String.init).reversed()
      case S_IFDIR:
        try check(status, here)
        resolved.append(step)
      default:
        guard pending.isEmpty else { throw Refusal(reason: .unreachable("\(here) is no folder")) }
        try checkFolder(of: here, resolved)
        return here
      }
    }
    throw Refusal(reason: .unreachable("\(path) is a folder"))
  }

  private static func checkFolder(of file: String, _ resolved: [String]) throws(Refusal) {
    let folder = "/" + resolved.joined(separator: "/")
    if let flaw = Ownership(try look(at: folder)).flaw {
      throw Refusal(reason: .untrusted("its folder \(folder) \(flaw.text)"), hint: flaw.hint(for: folder))
    }
  }

  /// A folder or link on the way.
  private static func check(_ status: stat, _ path: String) throws(Refusal) {
    let ownership = Ownership(status)
    // A link's own mode means nothing, and a sticky folder keeps others from replacing what is not theirs.
    let isLink = status.st_mode & S_IFMT == S_IFLNK
    let flaw = ownership.ownerFlaw ?? (isLink || ownership.isSticky ? nil : ownership.modeFlaw)
    if let flaw {
      throw Refusal(
        reason: .untrusted("\(isLink ? "the link" : "the folder") \(path) \(flaw.text)"), hint: flaw.hint(for: path))
    }
  }

  private static func look(at path: String) throws(Refusal) -> stat {
    var status = stat()
    guard lstat(path, &status) == 0 else {
      throw Refusal(reason: .unreachable("\(path): \(String(errorNumber: errno))"))
    }
    return status
  }

  private static func readLink(_ path: String) throws(Refusal) -> String {
    var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = buffer.withUnsafeMutableBytes { bytes in
      bytes.withMemoryRebound(to: CChar.self) { bytes in
        bytes.baseAddress.map { readlink(path, $0, bytes.count) } ?? -1
      }
    }
    guard count > 0 else { throw Refusal(reason: .unreachable("\(path): \(String(errorNumber: errno))")) }
    return String(decoding: buffer[..<count], as: UTF8.self)
  }
}
