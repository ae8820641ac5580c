import CAllocations
import Glibc

/// What a process holds that a driver could leave behind.
struct ProcessState: Equatable {
  let descriptors: Int
  let threads: Int
  /// The address of each signal's handler.
  let handlers: [UInt]
  /// Bytes that were allocated and not freed.
  let allocated: Int

  static func now() -> ProcessState {
    ProcessState(
      descriptors: entries("/proc/self/fd"), threads: entries("/proc/self/task"), handlers: handlersNow(),
      allocated: belay_allocated())
  }

  /// Threads and descriptors may take a moment to go: asks again until they are no more than before, for a second.
  static func settled(from before: ProcessState) -> ProcessState {
    for _ in 0..<100 {
      let state = now()
      if state.threads <= before.threads && state.descriptors <= before.descriptors { return state }
      usleep(10_000)
    }
    return now()
  }

  /// What has become more than before, or other handlers of signals, in words; nil where nothing. Memory is left out.
  func leftover(since before: ProcessState) -> String? {
    if descriptors > before.descriptors { return "\(descriptors - before.descriptors) descriptors more are open" }
    if threads > before.threads { return "\(threads - before.threads) threads more are running" }
    for (number, pair) in zip(handlers, before.handlers).enumerated() where pair.0 != pair.1 {
      return "the handler of signal \(number + 1) is another one"
    }
    return nil
  }

  private static func entries(_ folder: String) -> Int {
    guard let listing = opendir(folder) else { return 0 }
    defer { closedir(listing) }
    var count = 0
    while readdir(listing) != nil { count += 1 }
    return count
  }

  private static func handlersNow() -> [UInt] {
    (1...64).map { number in
      var action = sigaction()
      guard sigaction(Int32(number), nil, &action) == 0 else { return 0 }
      return withUnsafeBytes(of: &action) { $0.load(as: UInt.self) }
    }
  }
}

/// Repeats something that should leave nothing behind. The first third of the times may fill caches; a leak shows in each of
/// the others.
func expectNothingLeft(
  _ times: Int, _ what: String, allowedBytes: Int = 500, _ body: () throws -> Void
) throws {
  let third = times / 3
  for _ in 0..<third { try body() }
  let before = ProcessState.now()
  for _ in 0..<third { try body() }
  let between = ProcessState.now()
  for _ in 0..<third { try body() }
  let after = ProcessState.settled(from: before)
  if let left = after.leftover(since: before) { throw Broken("after \(what) \(2 * third) times, \(left)") }
  let each = min(between.allocated - before.allocated, after.allocated - between.allocated) / third
  try expect(each < allowedBytes, "\(what) leaves \(each) bytes allocated each time")
}
