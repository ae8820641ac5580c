import BelayDriverKit
import Testing

@Suite("Fingerprint")
struct FingerprintTests {
  /// As the function's authors publish them.
  @Test(
    "it is the published function, so that every belay finds a name and a lock again",
    arguments: [
      ("", 0xcbf2_9ce4_8422_2325), ("a", 0xaf63_dc4c_8601_ec8c), ("foobar", 0x8594_4171_f739_67e8),
    ] as [(String, UInt64)])
  func published(text: String, value: UInt64) {
    #expect(Fingerprint(of: text).value == value)
  }

  @Test("what is added piece by piece counts as one")
  func pieces() {
    var print = Fingerprint()
    print.add(UInt8(ascii: "f"))
    print.add("ooba".utf8)
    print.add(UInt8(ascii: "r"))
    #expect(print == Fingerprint(of: "foobar"))
    var number = Fingerprint()
    number.add(UInt64(0x0807_0605_0403_0201))
    var bytes = Fingerprint()
    bytes.add(1...8)
    #expect(number == bytes)
    #expect(number != Fingerprint())
  }
}
