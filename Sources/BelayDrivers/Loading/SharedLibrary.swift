import Glibc

/// A loaded library. It is never unloaded, because its errors and threads may still be in use.
struct SharedLibrary {
  // Only used with dlsym, which is safe from any thread.
  private let handle: UnsafeMutableRawPointer

  /// Why the system's loader rejects a file.
  struct Refusal: Error { let reason: String }

  /// Binds all symbols at once: a missing symbol is an error here, not a crash in the middle of an operation. Its
  /// symbols are not visible to others, so that two drivers cannot clash.
  init(path: String) throws(Refusal) {
    guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
      let reason = dlerror().map { String(cString: $0) } ?? "no reason given"
      throw Refusal(reason: Self.plain(reason, path: path))
    }
    self.handle = handle
  }

  func symbol(_ name: String) -> UnsafeMutableRawPointer? { dlsym(handle, name) }

  /// The loader's text begins with the file at fault: the driver itself, or a library that it needs.
  private static func plain(_ reason: String, path: String) -> String {
    if let end = reason.firstRange(of: ": cannot open shared object file"), !reason.hasPrefix(path) {
      return "it needs \(reason[..<end.lowerBound]), which is not installed"
    }
    if let start = reason.firstRange(of: "undefined symbol: ") {
      let symbol = reason[start.upperBound...].prefix { $0 != " " && $0 != "," }
      return "it uses \(symbol), which none of its libraries defines"
    }
    return reason
  }
}
