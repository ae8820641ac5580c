import BelayDrivers
import Glibc

extension Rule {
  /// 821 to 823: belay.lock/1.
  static let lock: [Rule] = [
    Rule(821, .lock, "while a lock is held, everybody else immediately gets BUSY, until it is released") { bench in
      let (holder, other) = (try bench.fill(), try bench.open())
      try holder.lock("belay", operation: bench.operation)
      try refusal(of: "taking a lock that is held", [.busy]) { try other.lock("belay", operation: bench.operation) }
      try other.lock("another", operation: bench.operation)
      try holder.unlock("belay", operation: bench.operation)
      try other.lock("belay", operation: bench.operation)
      try refusal(of: "taking a lock that is held", [.busy]) { try holder.lock("belay", operation: bench.operation) }
    },

    Rule(822, .lock, "a lock ends with its connection") { bench in
      let (holder, other) = (try bench.fill(), try bench.open())
      try holder.lock("belay", operation: bench.operation)
      holder.close()
      // A server may take a moment to notice.
      let end = ContinuousClock.now.advanced(by: .seconds(5))
      while true {
        let taken = Result { () throws(DriverError) in try other.lock("belay", operation: bench.operation) }
        guard case .failure(let error) = taken else { break }
        guard error.code == .busy, ContinuousClock.now < end else { throw error }
        usleep(20_000)
      }
    },

    Rule(823, .lock, "a lock outlasts transactions, can be taken in one, and does not block writers") { bench in
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
      try bench.expectRows(bench.specimen.cells + [new], other, "written while another connection holds the lock")
    },
  ]
}
