import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { packageKeyOf } from '../../../shared/base/hashing.ts';
import type { PackageGuid, PackageKey } from '../../../shared/base/ids.ts';
import { BLOCK_SIZE_BYTES } from '../../../shared/base/units.ts';
import type { ImportRequest } from '../../../shared/contracts/console-api.ts';
import type { Snapshot, SnapshotFile } from '../../../shared/contracts/snapshot.ts';
import type { Organisation } from '../organisation.ts';
import { Refusal } from '../refusal.ts';
import type { ScannedFile } from './package-scan.ts';

export interface ImportIdentity {
  readonly guid: PackageGuid;
  readonly version: string;
  readonly key: PackageKey;
  readonly name: string;
}

/** Which package version an import will become; throws a `Refusal` where that cannot be. */
export function identityOfImport(
  request: ImportRequest,
  organisation: Organisation,
  reserved: ReadonlySet<PackageKey>,
): ImportIdentity {
  if (!path.isAbsolute(request.path)) {
    throw new Refusal('path-refused', `"${request.path}" is not a whole path. Enter it from the root of the disk on.`);
  }
  const known = organisation.packages.filter((stored) => stored.guid === request.guid);
  if (request.guid !== undefined && known.length === 0) {
    throw new Refusal('not-found', 'There is no package with this GUID to make a new version of.');
  }
  const guid = request.guid ?? (randomUUID() as PackageGuid);
  const isTaken = (version: string): boolean => {
    const key = packageKeyOf(guid, version);
    return organisation.package(key) !== null || reserved.has(key);
  };
  const version = request.version ?? nextVersion(isTaken);
  if (isTaken(version)) {
    throw new Refusal('conflict', `Version ${version} of this package exists already. Choose another version.`);
  }
  const name = request.name ?? known[0]?.name ?? path.basename(request.path).slice(0, 200);
  return { guid, version, key: packageKeyOf(guid, version), name };
}

function nextVersion(isTaken: (version: string) => boolean): string {
  let major = 1;
  while (isTaken(`${major}.0`)) major++;
  return `${major}.0`;
}

export function snapshotOf(
  identity: ImportIdentity,
  scanned: readonly ScannedFile[],
  blockHashes: readonly string[],
  createdAtMs: number,
): Snapshot {
  const files: SnapshotFile[] = [];
  let offsetBytes = 0;
  for (const { path: filePath, sizeBytes } of scanned) {
    files.push({ path: filePath, sizeBytes, offsetBytes });
    offsetBytes += sizeBytes;
  }
  return {
    guid: identity.guid,
    version: identity.version,
    name: identity.name,
    files,
    blockSizeBytes: BLOCK_SIZE_BYTES,
    blockHashes: [...blockHashes],
    totalSizeBytes: offsetBytes,
    createdAtMs,
  };
}
