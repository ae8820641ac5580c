import CAllocations
import Glibc

/// The resources of a process that a driver could leave behind.
struct ProcessState: Equatable {
  let descriptors: Int
  let threads: Int
  /// The address of each signal's handler.
  let handlers: [UInt]
  /// Bytes that are allocated and not freed.
  let allocated: Int

  static func now() -> ProcessState {
    ProcessState(
      descriptors: entries("/proc/self/fd"), threads: entries("/proc/self/task"), handlers: handlersNow(),
      allocated: belay_allocated())
  }

  /// Threads and descriptors may take a moment to disappear: checks for up to a second whether there are no more than
  /// before.
  static func settled(from before: ProcessState) -> ProcessState {
    for _ in 0..<100 {
      let state = now()
      if state.threads <= before.threads && state.descriptors <= before.descriptors { return state }
      usleep(10_000)
    }
    return now()
  }

  /// Resources of which there are more than before, or changed signal handlers; nil if none. Does not include memory.
  func leftover(since before: ProcessState) -> String? {
    if descriptors > before.descriptors { return "\(descriptors - before.descriptors) more descriptors are open" }
    if threads > before.threads { return "\(threads - before.threads) more threads are running" }
    return changedHandler(since: before)
  }

  /// The first signal whose handler is another one now; nil if there is none.
  func changedHandler(since before: ProcessState) -> String? {
    let changed = zip(handlers, before.handlers).enumerated().first { $0.element.0 != $0.element.1 }
    return changed.map { "the handler of \(SignalName.of(Int32($0.offset + 1))) was changed" }
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

/// Repeats something that must leave nothing behind. The first third of the runs may fill caches; a leak shows in all
/// others.
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
  try expect(each < allowedBytes, "\(what) leaks \(each) bytes each time")
}
