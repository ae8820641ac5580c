import Glibc

/// A loaded library. It stays: errors outlive libraries and threads outlive handles, so nothing is ever unloaded.
struct SharedLibrary {
  // Only ever handed to dlsym, which is safe from any thread.
  private let handle: UnsafeMutableRawPointer

  /// Why the system's loader does not take a file.
  struct Refusal: Error { let reason: String }

  /// Binds everything at once: a symbol that is missing shows here, and not as a crash in mid-operation. Its symbols stay
  /// its own, so that two drivers cannot clash.
  init(path: String) throws(Refusal) {
    guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
      let reason = dlerror().map { String(cString: $0) } ?? "no reason given"
      throw Refusal(reason: Self.plain(reason, path: path))
    }
    self.handle = handle
  }

  func symbol(_ name: String) -> UnsafeMutableRawPointer? { dlsym(handle, name) }

  /// The loader's words begin with the file at fault: the driver itself, or a library that it needs.
  private static func plain(_ reason: String, path: String) -> String {
    if let end = reason.firstRange(of: ": cannot open shared object file"), !reason.hasPrefix(path) {
      return "it needs \(reason[..<end.lowerBound]), which is not installed"
    }
    if let start = reason.firstRange(of: "undefined symbol: ") {
      let symbol = reason[start.upperBound...].prefix { $0 != " " && $0 != "," }
      return "it uses \(symbol), which none of its libraries has"
    }
    return reason
  }
}
