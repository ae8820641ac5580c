import BelayDriverKit
import CPostgreSQL
import Glibc

extension PostgreSQLConnection: DumpRendering {
  static let dumpFormat = "pg_custom"

  func formats() -> [DumpFormat] {
    [DumpFormat(Self.dumpFormat, fileExtension: "dump", isStored: true)]
  }

  func dump(_ format: String, token: String?, operation: Operation, to sink: ByteSink) throws(DriverFailure) {
    try require(format)
    if token == nil { try refuseTransaction("a dump without a token") }
    let launcher = try ToolLauncher(self, operation)
    // A session that waits to read a table only blocks those that want an exclusive lock, and these wait for the same
    // other session anyway.
    let patience = max(settings.lockTimeoutMilliseconds, 1) * 10
    var arguments = ["--format=custom", "--compress=1", "--lock-wait-timeout=\(patience)"]
    if let token { arguments.append("--snapshot=\(token)") }
    let child = try launcher.startConnected("pg_dump", arguments)
    defer { child.end() }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
    defer { buffer.deallocate() }
    var done: UInt64 = 0
    while true {
      let count = try child.read(into: buffer)
      if count == 0 { break }
      try sink.write(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<count]))
      done += UInt64(count)
      operation.progress(done, of: 0, "pg_dump")
    }
    // A truncated dump may look complete: only how pg_dump ended counts.
    let ending = try child.finish()
    guard ending == .exited(0) else {
      let error = child.complaint.error
      var failure = ToolFailure.describe(child, ending)
      if let error, error.query.hasPrefix("LOCK TABLE"), failure.code != .denied, failure.code != .io {
        failure = DriverFailure(
          .busy, "pg_dump could not get its lock within \(patience) ms: \(error.query)",
          hint: LockHolders(link, operation).words ?? "another session holds a lock: wait for it to end, or end it")
      }
      throw failure
    }
  }

  func verify(_ format: String, operation: Operation, from source: ByteSource) throws(DriverFailure) {
    try require(format)
    try read(source, ["--file=/dev/null"], operation) { (_) throws(DriverFailure) in }
  }

  func renderText(
    _ format: String, operation: Operation, from source: ByteSource, to sink: ByteSink
  ) throws(DriverFailure) {
    try require(format)
    try read(source, ["--file=-"], operation) { (bytes) throws(DriverFailure) in try sink.write(bytes) }
  }

  func restore(_ format: String, operation: Operation, from source: ByteSource) throws(DriverFailure) {
    try require(format)
    try refuseTransaction("a restore")
    guard !settings.isReadOnly else { throw DriverFailure(.denied, "the database is opened read-only") }
    let dump = try DumpSource(source, operation)
    let file = try PrivateFile(in: scratchFolder, prefix: "belay-restore")
    try file.fill { (buffer) throws(DriverFailure) in try dump.read(into: buffer) }
    var restore = try Restore(self, file, dump.head, operation)
    try restore.run()
  }

  /// Has pg_restore read a dump to its end.
  private func read(
    _ source: ByteSource, _ arguments: [String], _ operation: Operation,
    to sink: (UnsafeRawBufferPointer) throws(DriverFailure) -> Void
  ) throws(DriverFailure) {
    let dump = try DumpSource(source, operation)
    let launcher = try ToolLauncher(self, dump: dump.head, operation)
    let child = try launcher.start("pg_restore", arguments)
    defer { child.end() }
    _ = try child.exchange(
      from: { (buffer) throws(DriverFailure) in try dump.read(into: buffer) }, to: sink)
    let ending = try child.finish()
    guard ending == .exited(0) else { throw ToolFailure.ofReading(child, ending) }
    try dump.drain()
  }

  private func require(_ format: String) throws(DriverFailure) {
    guard format == Self.dumpFormat else {
      throw DriverFailure(.unsupported, "unknown format \(format)", hint: "this driver dumps \(Self.dumpFormat)")
    }
  }

  /// The folder for temporary files.
  var scratchFolder: String {
    if let folder = settings.scratchDirectory { return folder }
    guard let folder = getenv("TMPDIR").map({ String(cString: $0) }), folder.hasPrefix("/") else { return "/tmp" }
    return folder
  }

  /// Whether dumps can be made and restored, that is, whether PostgreSQL's own programs are installed.
  func probeSnapshot(_ operation: Operation) throws(DriverFailure) {
    _ = try Tools.fitting(
      server: PQserverVersion(link.handle), folder: settings.toolsDirectory, operation: operation)
  }
}
