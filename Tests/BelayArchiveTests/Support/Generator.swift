/// Random numbers that are the same in every run (SplitMix64).
struct Generator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  /// Any value that a database may hold, the awkward ones often. No natives: in CSV they are text.
  mutating func cell() -> Cell {
    switch Int.random(in: 0..<8, using: &self) {
    case 0: return .null
    case 1: return .bool(.random(using: &self))
    case 2: return .integer(Int64(bitPattern: next() >> UInt64.random(in: 0..<64, using: &self)))
    case 3: return .real(Double(bitPattern: next()))
    case 4: return .real((Double.random(in: -1000...1000, using: &self) * 100).rounded() / 100)
    case 5: return .blob(bytes())
    case 6: return .textBytes(bytes())
    default: return .text(text())
    }
  }

  mutating func bytes() -> [UInt8] {
    (0..<Int.random(in: 0..<30, using: &self)).map { _ in UInt8.random(in: 0...255, using: &self) }
  }

  mutating func text() -> String {
    let pieces = ["\"", ",", "\n", "\r\n", "a", "NULL", "\u{0}", "é", "😀", "'", "\\x", "1.5", " ", ""]
    return (0..<Int.random(in: 0..<8, using: &self)).map { _ in pieces.randomElement(using: &self) ?? "" }.joined()
  }
}
