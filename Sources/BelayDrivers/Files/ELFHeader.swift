import Glibc

/// The first bytes of a shared object: enough to explain why the loader would reject it.
struct ELFHeader: Equatable {
  private let bytes: [UInt8]

  private init?(descriptor: Int32) {
    var bytes = [UInt8](repeating: 0, count: 20)
    let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
    guard count == bytes.count, bytes.starts(with: [0x7f, UInt8(ascii: "E"), UInt8(ascii: "L"), UInt8(ascii: "F")])
    else { return nil }
    self.bytes = bytes
  }

  private var isLittleEndian: Bool { bytes[5] == 1 }
  private var bits: Int { bytes[4] == 2 ? 64 : 32 }
  private var type: UInt16 { half(at: 16) }
  private var machine: UInt16 { half(at: 18) }

  private func half(at index: Int) -> UInt16 {
    let (first, second) = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
    return isLittleEndian ? second << 8 | first : first << 8 | second
  }

  /// A text to put after the path, such as "is not an ELF file"; nil if this machine can load the file.
  static func flaw(ofDescriptor descriptor: Int32) -> String? {
    guard let header = ELFHeader(descriptor: descriptor) else { return "is not an ELF file" }
    guard header.type == sharedObject else { return "is an ELF file, but not a shared object" }
    guard let own = ownHeader else { return nil }
    if header.machine != own.machine || header.bits != own.bits || header.isLittleEndian != own.isLittleEndian {
      return "is for \(header.architecture), but this belay is for \(own.architecture)"
    }
    return nil
  }

  /// "x86-64, 64 bits, little endian"; nil if it is not an ELF file.
  static func text(ofDescriptor descriptor: Int32) -> String? { ELFHeader(descriptor: descriptor)?.architecture }

  /// The header of this process's own executable, which is more reliable than a list of platforms. nil if /proc is
  /// missing: then the loader decides.
  private static let ownHeader: ELFHeader? = {
    let descriptor = open("/proc/self/exe", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { Glibc.close(descriptor) }
    return ELFHeader(descriptor: descriptor)
  }()

  /// ET_DYN
  private static let sharedObject: UInt16 = 3

  private var architecture: String {
    // e_machine, from the ELF specifications.
    let names: [UInt16: String] = [
      3: "x86", 8: "MIPS", 20: "PowerPC", 21: "PowerPC 64", 22: "S/390", 40: "ARM", 62: "x86-64", 183: "ARM 64",
      243: "RISC-V",
    ]
    return "\(names[machine] ?? "machine \(machine)"), \(bits) bits, \(isLittleEndian ? "little" : "big") endian"
  }
}
