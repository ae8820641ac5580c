import Foundation
import Testing

/// Rewrites an archive so that all its checksums are right again: what anybody can do who has the file.
enum ArchiveForgery {
  /// Puts an object with a statement in front of the schema, which a dump is said not to contain.
  static func addSetting(_ sql: String, to archive: URL) throws {
    let script = """
      import hashlib, io, json, sys, tarfile
      path, sql = sys.argv[1:]
      with tarfile.open(path) as tar:
          members = {m.name: tar.extractfile(m).read() for m in tar.getmembers()}
      schema = json.loads(members["schema.json"])
      first = dict(schema["objects"][0])
      first.update(kind="setting", name="x", ddl=sql, flags=128)
      schema["objects"].insert(0, first)
      members["schema.json"] = json.dumps(schema).encode()
      manifest = json.loads(members["manifest.json"])
      for member in manifest["members"]:
          content = members[member["name"]]
          member.update(sha256=hashlib.sha256(content).hexdigest(), storedBytes=len(content))
          if member["compression"] == "none": member["bytes"] = len(content)
          if member["kind"] == "schema": manifest["schemaSHA256"] = member["sha256"]
      members["manifest.json"] = json.dumps(manifest).encode()
      lines = [(hashlib.sha256(members["manifest.json"]).hexdigest(), "manifest.json")]
      lines += [(m["sha256"], m["name"]) for m in manifest["members"]]
      members["SHA256SUMS"] = "".join("%s  %s\\n" % line for line in lines).encode()
      with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
          for name, content in members.items():
              header = tarfile.TarInfo(name)
              header.size, header.mode = len(content), 0o600
              tar.addfile(header, io.BytesIO(content))
      """
    let run = try Program.run(
      "/usr/bin/env", ["python3", "-c", script, archive.path, sql], in: archive.deletingLastPathComponent())
    try #require(run.status == 0, "\(run)")
  }
}
