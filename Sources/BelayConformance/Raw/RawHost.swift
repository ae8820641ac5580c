import BelayDrivers
import CBelayDriver
import Glibc

/// A host's table at the very end of readable memory: reading beyond its struct_size crashes.
enum RawHost {
  /// growth: by how many bytes the table is larger than 1.0's, for a future host.
  static func table(growth: Int = 0) throws(Skip) -> UnsafePointer<belay_host> {
    let size = MemoryLayout<belay_host>.size + growth
    let memory = try GuardedMemory.allocate(size)
    memory.initializeMemory(as: UInt8.self, repeating: 0, count: size)
    let table = memory.bindMemory(to: belay_host.self, capacity: 1)
    table.pointee = HostTable.shared.pointee
    table.pointee.struct_size = UInt32(size)
    if growth > 0 { table.pointee.abi_minor += 1 }
    return UnsafePointer(table)
  }
}

/// Memory followed by a page without access.
enum GuardedMemory {
  /// It is never freed: the process ends soon.
  static func allocate(_ size: Int) throws(Skip) -> UnsafeMutableRawPointer {
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let pages = (size + page - 1) / page * page
    let memory = mmap(nil, pages + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let memory, memory != MAP_FAILED, mprotect(memory + pages, page, PROT_NONE) == 0 else {
      throw Skip("the system has no memory for it")
    }
    // Aligned like the structs of the ABI, whose sizes are multiples of 8.
    return memory + pages - (size + 7) / 8 * 8
  }
}

/// Counts how often a driver polls whether to stop, and answers yes from a given call on.
final class Polls: @unchecked Sendable {
  // Drivers poll on the thread that makes the call.
  private(set) var count = 0
  private let yesFrom: Int

  init(yesFrom: Int) { self.yesFrom = yesFrom }

  var operation: BelayDrivers.Operation {
    BelayDrivers.Operation(onPoll: { [self] in
      count += 1
      return count >= yesFrom
    })
  }
}
