import BelayRows
import Glibc

/// What can be found out about a driver's file without running any of its code, whether it may be loaded or not.
package struct DriverFacts: Sendable {
  package let name: String
  package let path: String
  /// 64 hex digits; empty if it cannot be read.
  package let sha256: String
  /// nil if it is not an ELF file.
  package let architecture: String?
  /// The libraries that it needs.
  package let needed: [String]
  /// The symbols that others could link to; nil if the file does not say.
  package let exported: [String]?
  /// What `belay driver install` recorded about this file.
  package let entry: DriverRecord.Entry?
  /// nil if it is not signed.
  package let signer: DriverSigner?
  /// Why it must not or cannot be loaded, as far as this is known without running it.
  package let refusal: DriverLoadError?

  package init(name: String, path: String, keys: DriverKeys) {
    self.name = name
    self.path = path
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    defer { if descriptor >= 0 { close(descriptor) } }
    sha256 = FileDigest.sha256(descriptor)
    architecture = ELFHeader.text(ofDescriptor: descriptor)
    let image = ELFImage(descriptor: descriptor)
    needed = image?.needed ?? []
    exported = image?.exported
    do throws(DriverLoadError) {
      let file = try DriverFile(name: name, path: path, keys: keys)
      let signer = try file.signer(keys: keys)
      (entry, self.signer, refusal) = (file.entry, signer, nil)
    } catch {
      (entry, signer, refusal) = (nil, nil, error)
    }
  }
}
