/// One row that is not the same on both sides.
package enum RowDifference: Sendable, Equatable {
  case onlyFirst(RowRecord)
  case onlySecond(RowRecord)
  /// The same key, another content.
  case different(RowRecord, RowRecord)
}

/// What two sides of a table have in common, and what not.
package struct RowCounts: Sendable, Equatable {
  package var equal: UInt64 = 0
  package var onlyFirst: UInt64 = 0
  package var onlySecond: UInt64 = 0
  package var different: UInt64 = 0

  package init(equal: UInt64 = 0, onlyFirst: UInt64 = 0, onlySecond: UInt64 = 0, different: UInt64 = 0) {
    self.equal = equal
    self.onlyFirst = onlyFirst
    self.onlySecond = onlySecond
    self.different = different
  }

  package var isEqual: Bool { onlyFirst == 0 && onlySecond == 0 && different == 0 }

  /// Goes through both sides in their order: by key; rows without a key by their content, and as often as they are there.
  /// - Parameter body: gets each difference, in that order.
  package init(
    of first: any RowSource, and second: any RowSource, _ body: (RowDifference) throws -> Void
  ) throws {
    self.init()
    var (left, right) = (try first.next(), try second.next())
    while true {
      switch (left, right) {
      case (nil, nil): return
      case (let row?, nil):
        onlyFirst += 1
        try body(.onlyFirst(row))
        left = try first.next()
      case (nil, let row?):
        onlySecond += 1
        try body(.onlySecond(row))
        right = try second.next()
      case (let one?, let other?):
        let order = one.order(to: other)
        if order == 0 || (one.key == other.key && !one.key.isEmpty) {
          if order == 0 { equal += 1 } else { different += 1 }
          if order != 0 { try body(.different(one, other)) }
          (left, right) = (try first.next(), try second.next())
        } else if order < 0 {
          onlyFirst += 1
          try body(.onlyFirst(one))
          left = try first.next()
        } else {
          onlySecond += 1
          try body(.onlySecond(other))
          right = try second.next()
        }
      }
    }
  }
}
