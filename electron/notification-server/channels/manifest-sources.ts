import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { packageKeyOf } from '../../../shared/base/hashing.ts';
import type { PackageGuid } from '../../../shared/base/ids.ts';
import type { ChannelItem } from '../../../shared/contracts/channels.ts';
import { PackageVersions } from '../../../shared/server/channels/channel-terms.ts';
import type { Organisation } from '../organisation.ts';
import { fileProblem } from '../packages/file-problem.ts';
import { scanForImport } from '../packages/package-scan.ts';
import { Refusal } from '../refusal.ts';
import type { ManifestItem, ManifestProblem } from './manifest-reader.ts';

/** What has to become a package before a channel can hold it. */
export interface ManifestSource {
  readonly line: number;
  /** As the manifest names it. */
  readonly source: string;
  /** Absolute path on this computer. */
  readonly file: string;
  readonly name: string;
  readonly version: string;
}

export interface ResolvedItem {
  readonly line: number;
  /** Null: it is not known before its source is imported. */
  readonly guid: PackageGuid | null;
  readonly terms: Omit<ChannelItem, 'guid'>;
  /** Null: the package is there. */
  readonly source: ManifestSource | null;
}

/**
 * Which packages the items of a manifest are, and what has to be imported for them. Sources are files and folders below the
 * import folder alone, also where a symbolic link leads out of it.
 */
export async function resolveItems(
  items: readonly ManifestItem[],
  organisation: Organisation,
  importFolder: string | null,
): Promise<{ readonly resolved: readonly ResolvedItem[]; readonly problems: readonly ManifestProblem[] }> {
  const versions = new PackageVersions(organisation.packages);
  const resolved: ResolvedItem[] = [];
  const problems: ManifestProblem[] = [];
  const lines = new Map<string, number>();
  for (const { line, subject, ...terms } of items) {
    const note = (message: string): void => {
      problems.push({ line, message });
    };
    const name =
      subject.kind === 'package'
        ? `${subject.guid} ${subject.version ?? ''}`
        : `${subject.destination} ${subject.version}`;
    const first = lines.get(name);
    if (first !== undefined) {
      note(`Line ${first} names this package, too.`);
      continue;
    }
    lines.set(name, line);
    if (subject.kind === 'package') {
      const meant = versions.meantBy(subject);
      if (versions.anyOf(subject.guid) === null) note(`This server has no package ${subject.guid}.`);
      else if (meant === null)
        note(`There is no version ${subject.version ?? 'that is not withdrawn'} of this package.`);
      else if (meant.withdrawnAtMs !== null) note(`Version ${meant.version} of this package was withdrawn.`);
      else resolved.push({ line, guid: subject.guid, terms: { ...terms, version: subject.version }, source: null });
      continue;
    }
    const { source, destination, version } = subject;
    try {
      const guid = guidNamed(organisation, destination);
      const known = guid === null ? null : organisation.package(packageKeyOf(guid, version));
      if (known !== null && known.withdrawnAtMs !== null) {
        note(`Version ${version} of "${destination}" was withdrawn: give the source another version.`);
      } else {
        const file = known === null ? await sourceFile(source, importFolder) : null;
        const toImport = file === null ? null : { line, source, file, name: destination, version };
        const isSettled = guid !== null && known !== null;
        resolved.push({ line, guid: isSettled ? guid : null, terms: { ...terms, version }, source: toImport });
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      note(error.message);
    }
  }
  return { resolved, problems };
}

/** Of the package with this name; null where there is none. */
export function guidNamed({ packages }: Organisation, name: string): PackageGuid | null {
  const guids = new Set(packages.filter((stored) => stored.name === name).map(({ guid }) => guid));
  const [guid = null, ...others] = guids;
  if (others.length === 0) return guid;
  throw new Refusal('conflict', `${guids.size} packages are called "${name}": name the one that is meant by its guid.`);
}

/** The absolute path of a source that can be imported. */
async function sourceFile(source: string, importFolder: string | null): Promise<string> {
  if (importFolder === null) {
    throw new Refusal(
      'path-refused',
      'This server has no import folder: start it with --import-folder, or import the package and name it by its guid.',
    );
  }
  const wanted = path.join(importFolder, ...source.split('/'));
  const [root, file] = await Promise.all([importFolder, wanted].map(realOrRefuse));
  if (root === undefined || file === undefined || !file.startsWith(`${root}${path.sep}`)) {
    throw new Refusal('path-refused', `"${source}" is outside of the import folder.`);
  }
  await scanForImport(file, () => false);
  return file;
}

async function realOrRefuse(file: string): Promise<string> {
  try {
    return await realpath(file);
  } catch (error) {
    throw new Refusal('path-refused', fileProblem(file, error));
  }
}
