import BelayArchive
import BelayBase
import BelayStore
import Testing

/// What an error of a proof says of the archive.
@Suite("An error while an archive is verified")
struct UnprovenTests {
  private static let speakAgainst: Set<ArchiveError.Kind> = [
    .truncated, .damaged, .missingMember, .unreadable, .unsafeName, .malformed,
  ]

  @Test(arguments: ArchiveError.Kind.allCases)
  func `speaks against the archive only where its content is wrong`(kind: ArchiveError.Kind) {
    let error = ArchiveError(kind, path: "a.tar", "something")
    let told = BelayError(error, kind: .verificationFailed)
    #expect(error.isOfCircumstances == !Self.speakAgainst.contains(kind))
    #expect(told.speaksAgainstArchive == Self.speakAgainst.contains(kind))
    #expect((ExitStatus(told.kind) == .verificationFailed) == Self.speakAgainst.contains(kind))
  }
}
