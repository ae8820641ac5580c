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
    if let token, let view = SharedView.of(token, link) { return try dump(view, operation, to: sink) }
    if let token { return try dump(snapshot: token, operation, to: sink) }
    try refuseTransaction("a dump without a token")
    let view = try SharedView.open(self, operation)
    defer { view.end() }
    try dump(view, operation, to: sink)
  }

  /// In the session that holds the view.
  private func dump(_ view: SharedView, _ operation: Operation, to sink: ByteSink) throws(DriverFailure) {
    let launcher = try ToolLauncher(self, operation)
    try view.use(operation) { (holder) throws(DriverFailure) in
      let session = try LentSession(holder, forProgram: launcher.tools.version, in: scratchFolder)
      defer { session.end() }
      try session.start()
      let child = try launcher.start("pg_dump", Self.dumpArguments, in: session)
      let ending = try pass(child, operation, to: sink)
      session.end()
      guard ending == .exited(0) else {
        var failure = ToolFailure.describe(child, ending)
        if let told = session.failure { (failure.code, failure.sqlState) = (told.code, told.sqlState) }
        throw failure
      }
    }
  }

  /// In a session of pg_dump's own: another process holds the view.
  private func dump(snapshot: String, _ operation: Operation, to sink: ByteSink) throws(DriverFailure) {
    let launcher = try ToolLauncher(self, operation)
    // A session that waits to read a table only blocks those that want an exclusive lock, and these wait for the same
    // other session anyway.
    let patience = max(settings.lockTimeoutMilliseconds, 1) * 10
    let child = try launcher.startConnected(
      "pg_dump", Self.dumpArguments + ["--lock-wait-timeout=\(patience)", "--snapshot=\(snapshot)"])
    let ending = try pass(child, operation, to: sink)
    guard ending == .exited(0) else {
      let error = child.complaint.error
      var failure = ToolFailure.describe(child, ending)
      if let error, error.query.hasPrefix("LOCK TABLE"), failure.code != .denied, failure.code != .io {
        failure = DriverFailure(
          .busy, "pg_dump did not get its lock in \(patience) ms: \(error.query)",
          hint: LockHolders(link, operation).words ?? "another session holds a lock: wait for it to end, or end it")
      }
      throw failure
    }
  }

  private static let dumpArguments = ["--format=custom", "--compress=1"]

  /// Hands on what pg_dump writes, and ends it. A dump that was cut short may look whole: what counts is how pg_dump ended.
  private func pass(
    _ child: ChildProcess, _ operation: Operation, to sink: ByteSink
  ) throws(DriverFailure) -> ChildProcess.Ending {
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
    return try child.finish()
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
