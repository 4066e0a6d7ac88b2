import type { PackageGuid } from '../../../shared/base/ids.ts';
import type { ChannelItem } from '../../../shared/contracts/channels.ts';
import { maximumChannelItems } from '../../../shared/contracts/channels.ts';
import type { ManifestRequest, ManifestStatus } from '../../../shared/contracts/channels-api.ts';
import type { ImportJob } from '../../../shared/contracts/console-api.ts';
import type { MergedItems } from '../../../shared/server/channels/manifest-merge.ts';
import { mergeItems } from '../../../shared/server/channels/manifest-merge.ts';
import type { StoredChannel } from '../../database/stores/channel-store.ts';
import { Refusal } from '../refusal.ts';
import type { ServerParts } from '../server-parts.ts';
import { changeChannel, channelOrRefuse } from './channel-changes.ts';
import type { ManifestProblem } from './manifest-reader.ts';
import { readManifest } from './manifest-reader.ts';
import type { ManifestSource, ResolvedItem } from './manifest-sources.ts';
import { guidNamed, resolveItems } from './manifest-sources.ts';

/** Why it ended, for people; not an error of this program. */
class ImportEndedError extends Error {}

/**
 * Imports of channel manifests. The channel changes as a whole or not at all: at once where every package is there, else when
 * the last of its sources has become one. What was imported before one failed stays a package that nobody gets; the same manifest takes it up again.
 */
export class ManifestImports {
  readonly #parts: ServerParts;
  /** Of each channel the last one, since the start of the server. */
  readonly #last = new Map<string, ManifestStatus>();
  #waiting: (() => void)[] = [];

  constructor(parts: ServerParts) {
    this.#parts = parts;
    parts.imports.onChange(() => {
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const look of waiting) look();
    });
  }

  statusOf(channelId: string): ManifestStatus {
    channelOrRefuse(this.#parts.organisation, channelId);
    const status = this.#last.get(channelId);
    if (status !== undefined) return status;
    throw new Refusal('not-found', 'No manifest was imported into this channel since the server started.');
  }

  /** Throws a refusal that names every line that is wrong; then nothing has happened. */
  async take(id: string, request: ManifestRequest, who: string): Promise<ManifestStatus> {
    const { organisation, importFolder, now } = this.#parts;
    const channel = channelOrRefuse(organisation, id);
    this.#refuseSecond(id);
    const { items, problems, channel: named } = readManifest(request.xml);
    refuseLines(problems);
    if (named !== null && named.name !== channel.name) {
      refuseLines([{ line: named.line, message: `The manifest is for the channel "${named.name.slice(0, 100)}".` }]);
    }
    const { resolved, problems: unresolved } = await resolveItems(items, organisation, importFolder);
    refuseLines(unresolved);
    const removesOthers = request.removeOthers === true;
    const merged = mergeItems(channel.items, resolved.flatMap(itemOf), removesOthers);
    const sources = resolved.flatMap(({ source }) => source ?? []);
    if (merged.items.length + sources.length > maximumChannelItems) {
      refuseLines([{ line: 1, message: `The channel would have more than ${maximumChannelItems} packages.` }]);
    }
    const planned = this.#describe(merged, sources, now());
    if (request.dryRun === true) return { ...planned, state: 'dry-run' };
    if (sources.length === 0) {
      await this.#apply(channel, resolved, removesOthers, who);
      return this.#note(id, { ...planned, state: 'applied' });
    }
    this.#refuseSecond(id);
    void this.#run(channel, resolved, { removesOthers, who, planned });
    return this.#note(id, { ...planned, state: 'importing' });
  }

  async #run(
    channel: StoredChannel,
    resolved: readonly ResolvedItem[],
    { removesOthers, who, planned }: { removesOthers: boolean; who: string; planned: ManifestStatus },
  ): Promise<void> {
    try {
      const items: ResolvedItem[] = [];
      for (const item of resolved) {
        items.push(item.source === null ? item : { ...item, guid: await this.#import(item.source, who), source: null });
      }
      await this.#apply(channel, items, removesOthers, who);
      this.#note(channel.id, { ...planned, state: 'applied' });
    } catch (error) {
      const isTold = error instanceof ImportEndedError || error instanceof Refusal;
      if (!isTold) this.#parts.logger.error({ error }, 'a manifest was not imported');
      const message = isTold ? error.message : 'The import failed inside the server; its log says more.';
      this.#note(channel.id, { ...planned, state: 'failed', message: `The channel is unchanged. ${message}` });
    }
  }

  /** Waits until the source has become a package. */
  async #import({ line, file, name, version }: ManifestSource, who: string): Promise<PackageGuid> {
    const { imports, organisation } = this.#parts;
    const known = guidNamed(organisation, name);
    const request = { path: file, name, version, ...(known === null ? {} : { guid: known }) };
    const begun = await imports.start(request, who).catch((error: unknown) => {
      if (error instanceof Refusal) throw new ImportEndedError(`Line ${line}: ${error.message}`);
      throw error;
    });
    for (let job = this.#jobOf(begun.id); job !== undefined; job = this.#jobOf(begun.id)) {
      if (job.package !== null) return job.package.guid;
      if (job.state === 'failed') throw new ImportEndedError(`Line ${line}: ${job.message}`);
      if (job.state === 'cancelled') break;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    throw new ImportEndedError(`Line ${line}: the import was cancelled.`);
  }

  #jobOf(id: string): ImportJob | undefined {
    return this.#parts.imports.list().find((job) => job.id === id);
  }

  #apply({ id }: StoredChannel, resolved: readonly ResolvedItem[], removesOthers: boolean, who: string): Promise<void> {
    return changeChannel(this.#parts, {
      ...{ id, who, action: 'import-channel-manifest', aspect: 'packages' },
      plan: (channel) => {
        const { items, added, changed, removed } = mergeItems(channel.items, resolved.flatMap(itemOf), removesOthers);
        if (added.length + changed.length + removed.length === 0) return null;
        return { ...channel, items: [...items] };
      },
    });
  }

  #describe(
    { added, changed, removed, unchanged }: MergedItems,
    sources: readonly ManifestSource[],
    atMs: number,
  ): ManifestStatus {
    const { organisation } = this.#parts;
    const entry = ({ guid, version }: ChannelItem) => {
      const name = organisation.packages.find((stored) => stored.guid === guid)?.name ?? '';
      return { guid, version, name };
    };
    return {
      state: 'dry-run',
      message: '',
      atMs,
      added: added.map(entry),
      changed: changed.map(entry),
      removed: removed.map(entry),
      unchanged: unchanged.length,
      imports: sources.map(({ line, source, name, version }) => ({ line, source, name, version })),
    };
  }

  #refuseSecond(channelId: string): void {
    if (this.#last.get(channelId)?.state !== 'importing') return;
    throw new Refusal('conflict', 'A manifest is being imported into this channel. Wait until that is over.');
  }

  #note(channelId: string, status: ManifestStatus): ManifestStatus {
    for (const id of this.#last.keys()) {
      if (!this.#parts.organisation.channels.some((channel) => channel.id === id)) this.#last.delete(id);
    }
    this.#last.set(channelId, status);
    return status;
  }
}

/** Nothing while its package is not there. */
function itemOf({ guid, terms }: ResolvedItem): ChannelItem[] {
  return guid === null ? [] : [{ guid, ...terms }];
}

function refuseLines(problems: readonly ManifestProblem[]): void {
  const [first] = problems;
  if (first === undefined) return;
  const fields = [...problems]
    .sort((a, b) => a.line - b.line)
    .map(({ line, message }) => ({ path: `xml.${line}`, message: `Line ${line}: ${message}` }));
  const more = problems.length === 1 ? '' : ` (and ${problems.length - 1} more problems)`;
  throw new Refusal('invalid-request', `Nothing was imported. ${fields[0]?.message}${more}`, { fields });
}
