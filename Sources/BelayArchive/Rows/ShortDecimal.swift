/// A real number that a person would write with a few digits: 12.5, 3.0, 0.0001. Most reals in databases are such, and
/// finding their digits this way costs a tenth of the general algorithm.
struct ShortDecimal {
  /// The value times `scale`.
  let digits: Int64
  /// 10 to the power of `places`.
  let scale: UInt64
  let places: Int
  /// For values between -1 and 0, whose whole part has no sign.
  let isNegative: Bool

  /// Nil if it needs more than 15 digits, or more than 6 after the point.
  ///
  /// What it finds is the shortest decimal that reads back as `value`: two decimals of up to 15 digits are never nearest
  /// to the same double, and fewer places are tried first.
  init?(_ value: Double) {
    guard value.magnitude < 1e15, value != 0 || value.sign == .plus else { return nil }
    var scale: UInt64 = 10
    for places in 1...6 {
      let factor = Double(scale)
      let scaled = (value * factor).rounded()
      if scaled.magnitude >= 1e15 && places > 1 { return nil }
      // One rounding only: both are integers below 2^53, so this is the double nearest to the decimal.
      if scaled.magnitude < 9e15, scaled / factor == value {
        digits = Int64(scaled)
        self.scale = scale
        self.places = places
        isNegative = value < 0
        return
      }
      scale *= 10
    }
    return nil
  }

  /// Whether every usual reader gets the same double from these digits.
  ///
  /// SQLite, and C libraries of old, read a decimal as integer / power of ten in 80 bits and round the quotient to 64
  /// bits afterwards. Rounded twice, a decimal that is close to the middle between two doubles can fall to the wrong
  /// side: one in ten thousand does (measured with SQLite 3.40: 3.0530389 is not read as 3.0530389).
  var isReadAlikeEverywhere: Bool {
    let numerator = Double(digits.magnitude)
    let denominator = Double(scale)
    let quotient = numerator / denominator
    // Exact: a remainder of a division is representable.
    let remainder = numerator.addingProduct(-quotient, denominator).magnitude
    return remainder == 0 || remainder < 0.49 * quotient.ulp * denominator
  }
}
