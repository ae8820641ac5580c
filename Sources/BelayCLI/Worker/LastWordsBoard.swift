import Glibc

/// Memory that worker and front share: what the worker was about to do stays readable when it is dead, however it died.
/// Events come by way of a thread and a pipe, and the last of them are lost with the process.
final class LastWordsBoard: @unchecked Sendable {
  // Unchecked: the worker's narrator writes under its lock, and the front reads when the worker is gone.
  /// Of the worker. The front passes it on.
  static let inherited: Int32 = 4
  private static let size = 1024

  /// In the front: to be passed on. Closed with the object.
  let descriptor: Int32
  private let memory: UnsafeMutableRawPointer

  /// A new one, empty. nil where the system has no room or descriptor left: then nothing is known of a death.
  convenience init?() {
    // A file without a name.
    guard let file = tmpfile() else { return nil }
    let descriptor = fcntl(fileno(file), F_DUPFD_CLOEXEC, 0)
    fclose(file)
    guard descriptor >= 0 else { return nil }
    guard ftruncate(descriptor, Self.size) == 0 else {
      close(descriptor)
      return nil
    }
    self.init(descriptor)
  }

  /// The one that the front has passed on. nil where it has not: a worker that was started by hand.
  static func ofWorker() -> LastWordsBoard? {
    var status = stat()
    guard fstat(inherited, &status) == 0, status.st_size == size else { return nil }
    _ = fcntl(inherited, F_SETFD, FD_CLOEXEC)
    return LastWordsBoard(inherited)
  }

  /// Takes the descriptor over.
  private init?(_ descriptor: Int32) {
    let memory = mmap(nil, Self.size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
    guard let memory, memory != MAP_FAILED else {
      close(descriptor)
      return nil
    }
    self.descriptor = descriptor
    self.memory = memory
  }

  deinit {
    munmap(memory, Self.size)
    close(descriptor)
  }

  /// Replaces what stands there.
  func write(_ text: String) {
    let bytes = text.utf8.prefix(Self.size - 1) + [0]
    UnsafeMutableRawBufferPointer(start: memory, count: Self.size).copyBytes(from: bytes)
  }

  /// nil where nothing was written.
  func read() -> String? {
    let bytes = UnsafeRawBufferPointer(start: memory, count: Self.size).prefix { $0 != 0 }
    return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
  }
}
