import SystemPackage

/// The disk could not take, or give back, the rows that do not fit into memory.
package struct SpillError: Error, CustomStringConvertible {
  package let folder: FilePath
  package let code: Errno

  package var isDiskFull: Bool { code == .noSpace || code == .diskQuotaExceeded }
  package var description: String {
    "cannot use a temporary file in \(folder): \(code.description.lowercased())"
  }
}
