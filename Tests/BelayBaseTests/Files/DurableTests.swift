import CoreTesting
import Foundation
import SystemPackage
import Testing

@testable import BelayBase

@Suite("Files that survive")
struct DurableTests {
  @Test("a line of which only a part fits on the disk leaves nothing of itself")
  func half() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("", to: "log")
    let file = try FileDescriptor.open(path, .readWrite, options: [.append])
    defer { try? file.close() }
    // Far above what any other test writes; the file is a hole.
    let limit = 1 << 34
    #expect(ftruncate(file.rawValue, limit - 4) == 0)
    signal(SIGXFSZ, SIG_IGN)
    var usual = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &usual)
    var tight = usual
    tight.rlim_cur = rlim_t(limit)
    setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &tight)
    defer { setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &usual) }
    #expect(throws: Errno.self) { try Durable.append(Data("ten bytes\n".utf8), to: file) }
    #expect(try file.seek(offset: 0, from: .end) == Int64(limit - 4))
  }
}
