import BelayABI
import CBelayDriver

extension Traits {
  /// Fills only as much as fits: the host may have been compiled with an older, shorter struct.
  func write(to target: UnsafeMutablePointer<belay_traits>, keeping texts: TextStore) {
    let room = Int(target.pointee.struct_size)
    var known = belay_traits()
    known.struct_size = target.pointee.struct_size
    known.flags = flags.rawValue
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
    known.max_sql_bytes = UInt64(clamping: maxSQLBytes)
    known.max_params = UInt64(clamping: maxParameters)
    known.max_rows_per_execute = UInt64(clamping: maxRowsPerExecute)
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
}
