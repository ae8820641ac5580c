import Foundation

/// Where the tests' own servers have their folders.
enum ServerFolder {
  /// In memory, where that is large enough: a test's database is some hundred files that are made and soon deleted, and a disk
  /// is busy with them for a fifth of all the time that the tests take.
  private static let root: String = {
    let gigabyte: UInt = 1 << 30
    var room = statvfs()
    let memory = try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8)
    let available = memory?.firstMatch(of: /MemAvailable: +(\d+) kB/).flatMap { UInt($0.1) } ?? 0
    guard statvfs("/dev/shm", &room) == 0, access("/dev/shm", W_OK) == 0, room.f_bavail * room.f_frsize > 8 * gigabyte,
      available * 1024 > 10 * gigabyte
    else { return "/tmp" }
    return "/dev/shm"
  }()

  /// A name that no other has. Short: a socket's path has room for 107 bytes.
  static func fresh(_ label: String) -> String { "\(root)/belay-\(label)-\(UUID().uuidString.prefix(8))" }
}
