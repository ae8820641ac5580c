import BelayDrivers

extension Rule {
  /// 821 to 823: belay.lock/1.
  static let lock: [Rule] = [
    Rule(821, .lock, "a lock excludes everybody else at once, who are BUSY, until it is released") { bench in
      let (holder, other) = (try bench.fill(), try bench.open())
      try holder.lock("belay", operation: bench.operation)
      try refusal(of: "taking a lock that is held", [.busy]) { try other.lock("belay", operation: bench.operation) }
      try other.lock("another", operation: bench.operation)
      try holder.unlock("belay", operation: bench.operation)
      try other.lock("belay", operation: bench.operation)
      try refusal(of: "taking a lock that is held", [.busy]) { try holder.lock("belay", operation: bench.operation) }
    },

    Rule(822, .lock, "a lock is gone with its connection") { bench in
      let (holder, other) = (try bench.fill(), try bench.open())
      try holder.lock("belay", operation: bench.operation)
      holder.close()
      try other.lock("belay", operation: bench.operation)
    },

    Rule(823, .lock, "a lock survives transactions, can be taken within one, and keeps no writer out") { bench in
      let (holder, other) = (try bench.fill(), try bench.open())
      let (traits, operation) = (holder.traits, bench.operation)
      if traits.hasTransactions {
        try holder.execute(traits.begin, operation: operation)
        try holder.lock("belay", operation: operation)
        try holder.execute(traits.rollback, operation: operation)
        try refusal(of: "taking a lock that is held", [.busy]) { try other.lock("belay", operation: operation) }
        try holder.execute(traits.begin, operation: operation)
        try holder.execute(traits.commit, operation: operation)
      } else {
        try holder.lock("belay", operation: operation)
      }
      try refusal(of: "taking a lock that is held", [.busy]) { try other.lock("belay", operation: operation) }
      try bench.insert([new], into: other)
      try bench.expectRows(bench.specimen.cells + [new], other, "written while another one holds the lock")
    },
  ]
}
