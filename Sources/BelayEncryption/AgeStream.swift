import BelayArchive
import BelayProcess

/// Bytes through one child of age.
final class AgeStream: CipherStream {
  private let process: FilterProcess
  private let path: String
  private let member: String
  private let refusal: @Sendable (_ reason: String, _ isFromTheBeginning: Bool) -> ArchiveError
  private var hasGivenBytes = false

  /// - Parameter refusal: the error where age refuses, and whether it did so before any byte came out.
  init(
    _ program: AgeProgram, _ arguments: [String], _ inputs: [AgeProgram.Input], member: String, path: String,
    refusal: @escaping @Sendable (String, Bool) -> ArchiveError
  ) throws(ArchiveError) {
    self.path = path
    self.member = member
    self.refusal = refusal
    do throws(ProcessStart.Failure) {
      process = try program.start(arguments, inputs)
    } catch {
      throw ArchiveError(.io, path: path, member: member, "cannot start age for \(member): \(error.reason)")
    }
  }

  func push(
    _ bytes: UnsafeRawBufferPointer, _ out: (UnsafeRawBufferPointer) throws(ArchiveError) -> Void
  ) throws(ArchiveError) {
    let isTaken = try process.push(bytes) { (piece) throws(ArchiveError) in
      hasGivenBytes = true
      try out(piece)
    }
    if !isTaken { try finish(out) }
  }

  func finish(_ out: (UnsafeRawBufferPointer) throws(ArchiveError) -> Void) throws(ArchiveError) {
    let outcome = try process.finish { (piece) throws(ArchiveError) in
      hasGivenBytes = true
      try out(piece)
    }
    if outcome.succeeded { return }
    guard case .exited = outcome.ending else {
      throw ArchiveError(.io, path: path, member: member, "age \(outcome.ending) at \(member) of \(path)")
    }
    throw refusal(outcome.reason, !hasGivenBytes)
  }
}
