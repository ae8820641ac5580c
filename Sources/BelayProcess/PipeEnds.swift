import Glibc

/// A way between two processes, from one end to the other. Both ends close on exec.
///
/// A pair of sockets and not a `pipe`: only a socket is made closing on exec in one step here, and a child that another
/// thread starts in between would keep the other's way open.
package struct PipeEnds: Sendable {
  package let reading: Int32
  package let writing: Int32

  /// nil: no descriptor is left; `errno` says so. The ends are the caller's to close.
  package static func open() -> PipeEnds? {
    var ends: [Int32] = [-1, -1]
    let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, type, 0, &ends) == 0 else { return nil }
    return PipeEnds(reading: ends[0], writing: ends[1])
  }

  package func close() {
    Glibc.close(reading)
    Glibc.close(writing)
  }
}
