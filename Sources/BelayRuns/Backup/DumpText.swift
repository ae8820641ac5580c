import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers

/// The SQL text that the engine makes of its dump, on a thread and a connection of its own. It reads the dump to its end,
/// so it is the engine's own check too.
///
/// A dump that lies in the archive as it comes is followed while it is written; one that is compressed is read when it is
/// complete.
struct DumpText {
  private let context: RunContext
  private let followed: FollowedMember?
  private let render: @Sendable () throws(BelayError) -> Void
  private let thread: SideThread<Void>?

  /// - Parameter open: a connection for this alone.
  init(
    of member: MemberWriter, in writer: ArchiveWriter, format: DumpFormat, into text: MemberWriter,
    context: RunContext, open: @escaping @Sendable () throws(BelayError) -> Connection
  ) throws(BelayError) {
    self.context = context
    let followed: FollowedMember?
    do {
      followed = try writer.following(member)
    } catch {
      throw BelayError(any: error, doing: "cannot read the native dump", kind: .backupFailed)
    }
    self.followed = followed
    let render: @Sendable () throws(BelayError) -> Void = { () throws(BelayError) in
      let connection = try open()
      defer { connection.close() }
      do {
        let read: (UnsafeMutableRawBufferPointer) throws -> Int
        if let followed {
          read = { try followed.read(into: $0) }
        } else {
          let source = try writer.source(of: member)
          read = { try source.read(into: $0) }
        }
        try connection.renderDump(
          format.name, operation: context.stoppable("SQL text"), from: read, into: { try text.write($0) })
        try text.finish()
      } catch {
        throw BelayError(
          any: error, proving: "cannot convert the native dump into SQL text", otherwise: .backupFailed)
      }
    }
    self.render = render
    thread = followed == nil ? nil : SideThread(render)
  }

  /// Waits until all of it is written, once the dump is.
  func join() throws(BelayError) {
    if let thread { try thread.join() } else { try render() }
  }

  /// The dump has failed: what the text lacks is not what went wrong.
  func giveUp() {
    followed?.stop()
    do {
      try thread?.join()
    } catch {
      context.log(.debug, error.message)
    }
  }
}
