/// What is wrong with an archive, or with writing one.
package struct ArchiveError: Error, Sendable, Equatable {
  package enum Kind: String, CaseIterable, Sendable {
    /// There is no such file.
    case notFound
    /// The file ends before the archive does.
    case truncated
    /// Bytes exist, but differ from what the manifest says.
    case damaged
    /// The manifest lists a member that the archive does not contain.
    case missingMember
    /// Written by a newer belay.
    case futureFormat
    /// A member's name, or its kind of file, could write outside the folder that it is unpacked in.
    case unsafeName
    /// The disk does not give back what was written to it.
    case unreadable
    /// The system refused to read or write.
    case io
    /// Another machine did not answer, or refused.
    case unreachable
    /// The file system, or the user's quota on it, is full.
    case diskFull
    /// Not an archive of belay at all; or text that does not follow its convention.
    case malformed
    /// It is encrypted, and no key was given, or none that opens it.
    case wrongKey
    /// The key, or the program that uses it, cannot be used.
    case keyRefused
    /// The caller gave it up.
    case cancelled
  }

  /// It says nothing against the archive: another day, with another key or by a newer belay, the same call may succeed.
  package var isOfCircumstances: Bool {
    switch kind {
    case .notFound, .futureFormat, .io, .unreachable, .diskFull, .wrongKey, .keyRefused, .cancelled: true
    case .truncated, .damaged, .missingMember, .unreadable, .unsafeName, .malformed: false
    }
  }

  package var kind: Kind
  /// The archive, or the file that could not be written.
  package var path: String
  /// The member in question, if there is one.
  package var member: String?
  /// Lowercase, without a full stop; names archive and member.
  package var message: String
  /// What to do next.
  package var hint: String?

  package init(_ kind: Kind, path: String, member: String? = nil, _ message: String, hint: String? = nil) {
    self.kind = kind
    self.path = path
    self.member = member
    self.message = message
    self.hint = hint
  }
}
