import Glibc

/// A pipe whose ends close on exec.
struct PipeEnds {
  let reading: Int32
  let writing: Int32

  /// nil: no descriptor is left; `errno` says so. The ends are the caller's to close.
  ///
  /// Between `pipe` and `fcntl` another thread's child could inherit them; the front starts its children in one thread.
  static func open() -> PipeEnds? {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return nil }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return PipeEnds(reading: ends[0], writing: ends[1])
  }

  func close() {
    Glibc.close(reading)
    Glibc.close(writing)
  }
}
