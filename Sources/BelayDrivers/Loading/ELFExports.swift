import Glibc

/// The symbols that a shared object of this machine's kind shows to others.
package enum ELFExports {
  /// By name, as the file's table of dynamic symbols has them.
  /// - Returns: nil where the file cannot be read, or has no section headers that say where the table is.
  package static func names(ofFile path: String) -> [String]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    guard let header = read(Elf64_Ehdr.self, 1, descriptor, 0)?.first,
      header.e_shentsize == MemoryLayout<Elf64_Shdr>.size,
      let sections = read(Elf64_Shdr.self, Int(header.e_shnum), descriptor, Int(header.e_shoff)),
      let table = sections.first(where: { $0.sh_type == SHT_DYNSYM }), Int(table.sh_link) < sections.count,
      let symbols = read(
        Elf64_Sym.self, Int(table.sh_size) / MemoryLayout<Elf64_Sym>.size, descriptor, Int(table.sh_offset))
    else { return nil }
    let strings = sections[Int(table.sh_link)]
    guard let text = read(UInt8.self, Int(strings.sh_size), descriptor, Int(strings.sh_offset)) else { return nil }
    return symbols.filter(isExported).map { symbol in
      String(decoding: text.dropFirst(Int(symbol.st_name)).prefix { $0 != 0 }, as: UTF8.self)
    }
  }

  /// Defined here, and neither local nor hidden.
  private static func isExported(_ symbol: Elf64_Sym) -> Bool {
    let (binding, kind, visibility) = (Int32(symbol.st_info >> 4), symbol.st_info & 0xf, Int32(symbol.st_other & 3))
    // STT_SECTION and STT_FILE name parts of the file, not symbols of it.
    return symbol.st_shndx != SHN_UNDEF && symbol.st_name != 0 && binding != STB_LOCAL && kind != 3 && kind != 4
      && (visibility == STV_DEFAULT || visibility == STV_PROTECTED)
  }

  private static func read<T>(_ type: T.Type, _ count: Int, _ descriptor: Int32, _ offset: Int) -> [T]? {
    // Far more than any driver has: a damaged file must not ask for all memory.
    guard count >= 0, count < 1 << 24, offset >= 0 else { return nil }
    let size = count * MemoryLayout<T>.stride
    var bytes = [UInt8](repeating: 0, count: size)
    guard bytes.withUnsafeMutableBytes({ pread(descriptor, $0.baseAddress, size, offset) }) == size else { return nil }
    return bytes.withUnsafeBytes { bytes in
      (0..<count).map { bytes.loadUnaligned(fromByteOffset: $0 * MemoryLayout<T>.stride, as: T.self) }
    }
  }
}
