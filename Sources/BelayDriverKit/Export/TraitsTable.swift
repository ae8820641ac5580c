import CBelayDriver

extension Traits {
  /// Fills what the host has room for: it may have been compiled with an older, shorter struct.
  func write(to target: UnsafeMutablePointer<belay_traits>, keeping texts: TextStore) {
    let room = Int(target.pointee.struct_size)
    var known = belay_traits()
    known.struct_size = target.pointee.struct_size
    known.flags = flagBits
    known.server_name = texts.keep(serverName)
    known.server_version = texts.keep(serverVersion)
    known.ident_quote = texts.keep(identifierQuote)
    known.param_style = texts.keep(parameterStyle)
    known.identity = texts.keep(identity)
    known.txn_begin = texts.keep(begin)
    known.txn_commit = texts.keep(commit)
    known.txn_rollback = texts.keep(rollback)
    known.load_begin = texts.keep(loadBegin)
    known.load_end = texts.keep(loadEnd)
    known.max_sql_bytes = maxSQLBytes
    known.max_params = maxParameters
    known.max_rows_per_execute = maxRowsPerExecute
    known.database_bytes = databaseBytes
    known.free_bytes = freeBytes
    known.restore_steps = texts.keep(restoreSteps.joined(separator: "\n"))
    known.hex_text = texts.keep(hexText)
    known.convention = texts.keep(convention)
    withUnsafeBytes(of: known) { bytes in
      guard let base = bytes.baseAddress else { return }
      UnsafeMutableRawPointer(target).copyMemory(from: base, byteCount: min(room, bytes.count))
    }
  }

  private var flagBits: UInt32 {
    var bits = 0
    if hasTransactions { bits |= BELAY_T_TXN }
    if hasTransactionalDDL { bits |= BELAY_T_TXN_DDL }
    if hasStableRead { bits |= BELAY_T_STABLE_READ }
    if isReadOnly { bits |= BELAY_T_READ_ONLY }
    if isExclusive { bits |= BELAY_T_EXCLUSIVE }
    if swaps { bits |= BELAY_T_SWAPS }
    if cannotPromote { bits |= BELAY_T_NO_PROMOTE }
    return UInt32(bits)
  }
}
