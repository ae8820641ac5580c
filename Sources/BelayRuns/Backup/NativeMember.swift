import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import SystemPackage

/// The engine's own dump, streamed into its member; and the SQL text that the engine makes of it.
package struct NativeMember: Sendable {
  private let context: RunContext
  private let access: TargetAccess
  private let url: String?
  private let member: MemberWriter?
  private let writer: ArchiveWriter
  /// Where the engine's SQL text goes; nil: it makes none.
  private let text: MemberWriter?
  private let isChecked: Bool
  private let format: DumpFormat?
  private let scratch: FilePath
  private let reading = Latch()

  init(
    backup: Backup, context: RunContext, writer: ArchiveWriter, format: DumpFormat?, rendersText: Bool
  ) throws(BelayError) {
    self.context = context
    access = backup.access
    url = backup.place?.url
    self.writer = writer
    isChecked = backup.checksDump
    self.format = format
    scratch = backup.scratch
    do {
      member = try format.map {
        try writer.member(
          MemberName.native(fileExtension: $0.fileExtension), kind: .native, format: $0.name,
          compression: $0.isStored ? Compression.none : nil)
      }
      text = rendersText ? try writer.member(MemberName.sql, kind: .sql) : nil
    } catch {
      throw BelayError(any: error, doing: "cannot begin the native dump", kind: .backupFailed)
    }
  }

  /// On a thread and a connection of its own; nil where there is nothing to dump or no view to share.
  package func start(token: String?) -> SideThread<Void>? {
    guard let token, member != nil else { return nil }
    return SideThread { () throws(BelayError) in
      // Whatever becomes of it.
      defer { reading.open() }
      do throws(BelayError) {
        let connection = try access.open(url, scratch: scratch, operation: context.stoppable())
        defer { connection.close() }
        do throws(DriverError) {
          try connection.adopt(token: token, operation: context.stoppable())
        } catch {
          throw BelayError(error, doing: "cannot share the snapshot with a second connection", kind: .backupFailed)
        }
        try write(from: connection, token: token, isAdopted: true)
      } catch {
        context.cancellation.cancel(signal: nil)
        throw error
      }
    }
  }

  /// Waits until the dump that was started needs the view no more, or has failed.
  func waitUntilRead() { reading.wait() }

  /// - Parameter isAdopted: the token is another connection's, and given back as soon as the dump is read.
  package func write(from connection: Connection, token: String?, isAdopted: Bool = false) throws(BelayError) {
    guard let member, let format else { return }
    let text = try textOfMember(member, format)
    do {
      try connection.dump(
        format.name, token: token, operation: context.stoppable("native dump"), into: { try member.write($0) })
      if isAdopted { giveBack(connection) }
      reading.open()
      try member.finish()
    } catch {
      text?.giveUp()
      throw BelayError(any: error, doing: "the native dump (\(format.name)) failed", kind: .backupFailed)
    }
    if let text {
      try text.join()
    } else if isChecked {
      try check(member, format, with: connection)
    }
  }

  /// The dump is complete: a failure here ends with the connection.
  private func giveBack(_ connection: Connection) {
    do {
      try connection.releaseToken(operation: context.unstoppable())
    } catch {
      context.log(.debug, "releasing the view of the dump: \(error.message)")
    }
  }

  private func textOfMember(_ member: MemberWriter, _ format: DumpFormat) throws(BelayError) -> DumpText? {
    guard let text else { return nil }
    return try DumpText(of: member, in: writer, format: format, into: text, context: context) {
      () throws(BelayError) in
      try access.open(url, scratch: .init(scratch), operation: context.stoppable())
    }
  }

  /// The engine's own check of what was stored, while the rows are still on their way.
  private func check(_ member: MemberWriter, _ format: DumpFormat, with connection: Connection) throws(BelayError) {
    do {
      let source = try writer.source(of: member)
      try connection.verifyDump(
        format.name, operation: context.stoppable("checking the dump"), from: { try source.read(into: $0) })
    } catch {
      throw BelayError(
        any: error, proving: "the engine's own check of the native dump failed", otherwise: .backupFailed)
    }
  }
}
