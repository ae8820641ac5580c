import Glibc

/// A one-way connection between two processes. Both ends close on exec.
///
/// A pair of sockets instead of a `pipe`: here, only a socket can be created closing on exec in one step. Otherwise a
/// child that another thread starts in between would keep the connection open.
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
