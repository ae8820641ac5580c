import Foundation
import Testing

@Suite("Past runs cost nothing")
struct PastRunsTests {
  /// A store with runs that have ended, among them one that has left something behind, and a watch on all their journals.
  private func usedStore() throws -> (shop: Workspace, past: [String], watch: OpenedFiles) {
    let shop = try Workspace()
    for _ in 0..<3 { try #require(try shop.belay("backup", shop.url, "--verify", "read").status == 0) }
    let past = try FileManager.default.contentsOfDirectory(atPath: shop.store.appending(path: "runs").path)
      .filter { !$0.hasPrefix(".") }.sorted()
    try #require(past.count == 3)
    let journals = past.map { shop.store.appending(path: "runs/\($0)/journal.ndjson").path }
    return (shop, past, try OpenedFiles(journals))
  }

  @Test(arguments: [["status"], ["backup", "sqlite:shop.db"], ["recover"], ["doctor", "sqlite:shop.db"]])
  func `no command opens the journal of a run that is over`(command: [String]) throws {
    let (shop, _, watch) = try usedStore()
    try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);")  // for doctor
    let run = try shop.belay(command)
    #expect(run.status == 0, "\(run)")
    #expect(try watch.opened() == [:], "\(run)")
  }

  /// The counter counts: this is what each run did before there was an index.
  @Test func `without its index a store's journals are all read once, and then no more`() throws {
    let (shop, past, watch) = try usedStore()
    try FileManager.default.removeItem(at: shop.store.appending(path: "index"))
    #expect(try shop.belay("status").status == 0)
    let opened = try watch.opened()
    #expect(opened.count == past.count)
    #expect(opened.values.allSatisfy { $0 == 1 }, "\(opened)")
    #expect(try shop.belay("status").status == 0)
    #expect(try watch.opened() == [:])
  }

  @Test func `an open run in a store whose index is gone refuses the next one on its target`() throws {
    let shop = try Workspace()
    try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);")
    _ = try shop.belay("migrate", shop.url, "--yes", "--no-rehearse", environment: ["BELAY_FAULT": "kill-both:8:after"])
    try shop.statusWithoutRunning()
    try FileManager.default.removeItem(at: shop.store.appending(path: "index"))
    let next = try shop.belay("backup", shop.url)
    #expect(next.status == 11, "\(next)")
    #expect(next.errors.contains("belay recover"), "\(next)")
    #expect(try shop.belay("recover").status == 0)
    #expect(try shop.belay("backup", shop.url).status == 0)
  }

  @Test(arguments: [true, false])
  func `a store on a disk that cannot be written to is shown with and without its index`(hasIndex: Bool) throws {
    let shop = try Workspace()
    try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);")
    try #require(try shop.belay("backup", shop.url).status == 0)
    let id = try shop.latest()
    _ = try shop.belay("migrate", shop.url, "--yes", "--no-rehearse", environment: ["BELAY_FAULT": "kill-both:4:after"])
    try shop.statusWithoutRunning()
    if !hasIndex { try FileManager.default.removeItem(at: shop.store.appending(path: "index")) }
    for (command, status, said) in [("status", 11, "interrupted"), ("list", 0, id), ("show \(id)", 0, id)]
      as [(String, Int32, String)]
    {
      // A file system of its own for the command, and in it the store is mounted once more, for reading alone.
      let script = """
        mount --bind backups backups && mount -o remount,bind,ro backups && ! touch backups/x 2>/dev/null && exec "$0" \(command)
        """
      let run = try Program.run(
        "/usr/bin/env",
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, Program.belay().path], in: shop.folder)
      #expect(run.status == status, "\(run)")
      #expect(run.output.contains(said), "\(run)")
    }
    #expect(hasIndex == FileManager.default.fileExists(atPath: shop.store.appending(path: "index").path))
  }
}

/// Counts how often files are opened, by whichever process.
private final class OpenedFiles {
  private let descriptor: Int32
  private var files: [Int32: String] = [:]

  init(_ paths: [String]) throws {
    descriptor = inotify_init1(Int32(IN_NONBLOCK))
    try #require(descriptor >= 0)
    for path in paths {
      let watch = inotify_add_watch(descriptor, path, UInt32(IN_OPEN))
      try #require(watch >= 0)
      files[watch] = path
    }
  }

  deinit { close(descriptor) }

  /// Since the last call: by path.
  func opened() throws -> [String: Int] {
    var opened: [String: Int] = [:]
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0 {
        try #require(errno == EAGAIN)
        return opened
      }
      // A struct of 16 bytes, without a name: a file is watched, no folder.
      for start in stride(from: 0, to: count, by: 16) {
        let watch = buffer.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: start, as: Int32.self) }
        opened[try #require(files[watch]), default: 0] += 1
      }
    }
  }
}
