import BelayBase
import Testing

@Suite("Sizes as people read them")
struct ByteCountTests {
  @Test(
    "have the unit that leaves the smallest number from 1",
    arguments: [
      (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (999_949, "999.9 kB"), (999_950, "1.0 MB"), (1_549_999, "1.5 MB"),
      (999_960_000, "1.0 GB"), (12_000_000_000_000, "12.0 TB"), (.max, "18446744.1 TB"),
    ] as [(UInt64, String)])
  func text(bytes: UInt64, expected: String) { #expect(ByteCount.text(bytes) == expected) }
}
