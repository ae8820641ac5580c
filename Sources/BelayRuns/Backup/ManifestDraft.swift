import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import Foundation

/// Everything in the manifest but the members, which the writer knows.
package struct ManifestDraft {
  package let manifest: Manifest

  init(
    backup: Backup, source: Connection, tables: [TableRecord], scope: ScopeRecord?, notes: [String], view: SharedView
  ) {
    let traits = source.traits
    let access = backup.access
    manifest = Manifest(
      id: backup.id, createdAt: Moment.iso(Date()), belayVersion: Belay.version,
      target: TargetRecord(
        name: access.target.name, url: access.redactedURL, folder: access.folder,
        identity: backup.place?.identity ?? traits.identity,
        driver: access.driver.id,
        driverVersion: access.driver.version, driverSHA256: access.driver.sha256, serverName: traits.serverName,
        serverVersion: traits.serverVersion, databaseBytes: traits.databaseBytes,
        hexText: traits.hexText == Traits().hexText ? nil : traits.hexText),
      tables: tables, restore: traits.restoreSteps, bookmark: view.bookmark, purpose: backup.purpose, scope: scope,
      notes: view.notes + notes)
  }
}
