import { isPackageGuid } from '../../shared/base/ids.ts';
import type { PackageSummary } from '../../shared/contracts/console-api.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';

/** All versions of the package of this name or GUID, the newest first; names need not be unique, GUIDs are. */
export function packageVersions(packages: readonly PackageSummary[], nameOrGuid: string): PackageSummary[] {
  const known = packages.filter((candidate) =>
    isPackageGuid(nameOrGuid) ? candidate.guid === nameOrGuid : candidate.name === nameOrGuid,
  );
  const guids = new Set(known.map((candidate) => candidate.guid));
  if (guids.size > 1) {
    throw new CommandFailure(
      exitCodes.usage,
      `${guids.size} packages are called "${nameOrGuid}"; give a GUID: ${[...guids].join(', ')}.`,
    );
  }
  if (known.length === 0) throw new CommandFailure(exitCodes.notFound, `The server has no package "${nameOrGuid}".`);
  return known.sort((a, b) => b.createdAtMs - a.createdAtMs);
}

/** The version that is meant, also a withdrawn one; the newest that is not withdrawn where none is named. */
export function packageVersion(
  packages: readonly PackageSummary[],
  nameOrGuid: string,
  version: string | undefined,
): PackageSummary {
  const versions = packageVersions(packages, nameOrGuid);
  const [newest] = versions;
  const found =
    version === undefined
      ? (versions.find(({ withdrawn }) => !withdrawn) ?? newest)
      : versions.find((candidate) => candidate.version === version);
  if (found !== undefined) return found;
  throw new CommandFailure(
    exitCodes.notFound,
    `"${nameOrGuid}" has no version "${version ?? ''}"; there is ${versionWords(versions)}.`,
  );
}

/** The newest where none is named. Withdrawn versions do not count. */
export function choosePackage(
  packages: readonly PackageSummary[],
  nameOrGuid: string,
  version: string | undefined,
): PackageSummary {
  const versions = packageVersions(packages, nameOrGuid);
  const chosen = versions.find(
    (candidate) => !candidate.withdrawn && (version === undefined || candidate.version === version),
  );
  if (chosen !== undefined) return chosen;
  throw new CommandFailure(
    exitCodes.notFound,
    `"${nameOrGuid}" cannot be delivered in that version; there is ${versionWords(versions)}.`,
  );
}

function versionWords(versions: readonly PackageSummary[]): string {
  return versions.map(({ version, withdrawn }) => `${version}${withdrawn ? ' (withdrawn)' : ''}`).join(', ');
}
