import CPostgreSQL
import Synchronization

/// Which of a server's sessions belong to this process, so that lists of other sessions leave them out. One list for
/// the whole process, because it may have several connections.
enum OwnBackends {
  struct Registration {
    fileprivate let key: String
    func end() { _ = OwnBackends.keys.withLock { $0.remove(key) } }
  }

  private static let keys = Mutex<Set<String>>([])

  static func register(_ handle: OpaquePointer?) -> Registration {
    let key = server(handle) + " \(PQbackendPID(handle))"
    _ = keys.withLock { $0.insert(key) }
    return Registration(key: key)
  }

  /// The process ids of this process's sessions on the server that a handle is connected to.
  static func processes(on handle: OpaquePointer?) -> Set<Int32> {
    let prefix = server(handle) + " "
    return keys.withLock { keys in
      Set(keys.compactMap { $0.hasPrefix(prefix) ? Int32($0.dropFirst(prefix.count)) : nil })
    }
  }

  private static func server(_ handle: OpaquePointer?) -> String {
    [PQhost(handle), PQport(handle)].map { $0.map { String(cString: $0) } ?? "" }.joined(separator: ":")
  }
}
