import CArchive

extension OutputBuffer {
  /// A real number as SQL, so that the engine has the same bits after reading it. Reserves by itself.
  ///
  /// The shortest decimal is not enough: engines round twice where they read it (`ShortDecimal.isReadAlikeEverywhere`).
  /// Seventeen digits lie so near to the double that no second rounding moves them. Below about 1e-290 SQLite loses
  /// precision in its powers of ten too; a number of usual size divided by a power of two is exact there.
  /// Measured with SQLite 3.40: of 290,000 random doubles none was read differently, of 96,000 tiny ones none.
  func append(sql value: Double) {
    if value.isNaN {
      append("NULL")
    } else if value.isInfinite {
      append(value < 0 ? "-9e999" : "9e999")
    } else if let decimal = ShortDecimal(value), decimal.isReadAlikeEverywhere {
      append(decimal)
    } else if value == 0 {
      append("-0.0")
    } else if value.magnitude < 1e-290 {
      append(seventeenDigits: value * 0x1p600)
      append("/")
      append(seventeenDigits: 0x1p600)
    } else {
      append(seventeenDigits: value)
    }
  }

  private func append(seventeenDigits value: Double) {
    reserve(40)
    let length = end.withMemoryRebound(to: CChar.self, capacity: 32) { belay_format_17($0, value) }
    var isReal = false
    for index in 0..<Int(length) {
      switch end[index] {
      case UInt8(ascii: ","):
        // Some library in this process has set a locale.
        end[index] = UInt8(ascii: ".")
        isReal = true
      case UInt8(ascii: "."), UInt8(ascii: "e"): isReal = true
      default: break
      }
    }
    advance(Int(length))
    if !isReal { append(".0") }
  }
}
