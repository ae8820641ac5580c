import Glibc
import Testing

@testable import BelaySystem

@Suite("Limits of the system have names")
struct SystemLimitTests {
  @Test("a call that fails for a limit tells which", arguments: [EFBIG, ENFILE, ENOMEM, EAGAIN])
  func hints(code: CInt) {
    #expect(SystemLimit.hint(for: code)?.isEmpty == false)
  }

  @Test("other failures are due to no limit", arguments: [ENOENT, EACCES, EIO])
  func others(code: CInt) {
    #expect(SystemLimit.hint(for: code) == nil)
  }

  @Test("the number of open files is named with the command that raises it")
  func openFiles() throws {
    var limit = rlimit()
    try #require(getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
    guard limit.rlim_cur < UInt64(Int64.max) else { return }
    let hint = try #require(SystemLimit.hint(for: EMFILE))
    #expect(hint.contains("\(limit.rlim_cur)") && hint.contains("ulimit -n"), "\(hint)")
  }

  @Test("a thread runs its work and can be joined")
  func thread() throws {
    nonisolated(unsafe) var done = false
    let thread = try #require(JoinableThread { done = true })
    thread.join()
    #expect(done)
  }
}
