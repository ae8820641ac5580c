import BelayRows
import CBelayDriver

/// Settings in the ABI's layout.
struct OptionList {
  private let options: [DriverOption]

  init(_ options: [DriverOption]) { self.options = options }

  /// Lends the list while body runs.
  func withOptions<R>(_ body: (UnsafePointer<belay_option>?, UInt32) -> R) -> R {
    lend(options[...], [], body)
  }

  /// Recurses once per option: all texts must live while body runs.
  private func lend<R>(
    _ rest: ArraySlice<DriverOption>, _ lent: [belay_option], _ body: (UnsafePointer<belay_option>?, UInt32) -> R
  ) -> R {
    guard let option = rest.first else {
      return lent.withUnsafeBufferPointer { body($0.baseAddress, UInt32($0.count)) }
    }
    return option.key.withBorrowed { key in
      option.value.withBorrowed { value in
        let flags = UInt32(option.isSecret ? BELAY_OPT_SECRET : 0)
        let next = belay_option(key: key, value: value, flags: flags, reserved: 0)
        return lend(rest.dropFirst(), lent + [next], body)
      }
    }
  }
}
