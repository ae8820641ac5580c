import Glibc

/// Complete writes to a descriptor.
package enum FileBytes {
  /// Writes everything, with as many calls as necessary. false: the other side is gone, or the write failed; some bytes
  /// may have been written. SIGPIPE must be ignored.
  @discardableResult
  package static func writeAll(_ bytes: some Sequence<UInt8>, to descriptor: Int32) -> Bool {
    ContiguousArray(bytes).withUnsafeBytes { buffer in
      var rest = buffer[...]
      while !rest.isEmpty {
        let count = write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if count > 0 {
          rest = rest.dropFirst(count)
        } else if errno == EAGAIN {
          var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          poll(&waiting, 1, -1)
        } else if errno != EINTR {
          return false
        }
      }
      return true
    }
  }
}
