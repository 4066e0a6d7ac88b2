import type { PackageGuid } from '../../../shared/base/ids.ts';
import type { ChannelItem } from '../../../shared/contracts/channels.ts';
import { maximumChannelItems } from '../../../shared/contracts/channels.ts';
import type { ManifestRequest, ManifestStatus } from '../../../shared/contracts/channels-api.ts';
import type { ImportJob } from '../../../shared/contracts/console-api.ts';
import type { MergedItems } from '../../../shared/server/channels/manifest-merge.ts';
import { mergeItems } from '../../../shared/server/channels/manifest-merge.ts';
import type { StoredChannel } from '../../database/stores/channel-store.ts';
import { readManifestStatus, saveManifestStatus } from '../../database/stores/channel-store.ts';
import { Refusal } from '../refusal.ts';
import type { ServerParts } from '../server-parts.ts';
import { changeChannel, channelOrRefuse } from './channel-changes.ts';
import type { ManifestProblem } from './manifest-reader.ts';
import { readManifest } from './manifest-reader.ts';
import type { ManifestSource, ResolvedItem } from './manifest-sources.ts';
import { guidNamed, resolveItems } from './manifest-sources.ts';

const brokenOff =
  'The channel is unchanged. The import was broken off, as by a stop of the server. Import the manifest again: what became a package is taken up.';

interface ManifestRun {
  /** As it was when the manifest came. */
  readonly channel: StoredChannel;
  readonly resolved: readonly ResolvedItem[];
  readonly removesOthers: boolean;
  readonly who: string;
  readonly planned: ManifestStatus;
}

/** Why it ended, for people; not an error of this program. */
class ImportEndedError extends Error {}

/**
 * Imports of channel manifests. The channel changes as a whole or not at all: at once where every package is there, else when
 * the last of its sources has become one. What was imported before one failed stays a package that nobody gets; the same manifest takes it up again.
 */
export class ManifestImports {
  readonly #parts: ServerParts;
  /** Channels into which something is being imported. */
  readonly #running = new Set<string>();
  #waiting: (() => void)[] = [];

  constructor(parts: ServerParts) {
    this.#parts = parts;
    parts.imports.onChange(() => {
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const look of waiting) look();
    });
  }

  /** Of the last one, the starts of the server notwithstanding. */
  async statusOf(channelId: string): Promise<ManifestStatus> {
    channelOrRefuse(this.#parts.organisation, channelId);
    const wasRunning = this.#running.has(channelId);
    const status = await readManifestStatus(this.#parts.database, channelId);
    if (status === null) throw new Refusal('not-found', 'No manifest was imported into this channel.');
    // It may have begun or ended while the database was asked.
    const isRunning = wasRunning || this.#running.has(channelId);
    return status.state === 'importing' && !isRunning ? { ...status, state: 'failed', message: brokenOff } : status;
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
    const run = { channel, resolved, removesOthers, who, planned };
    if (sources.length === 0) return this.#apply(run, resolved);
    this.#refuseSecond(id);
    this.#running.add(id);
    const status: ManifestStatus = { ...planned, state: 'importing' };
    try {
      await this.#save(id, status);
    } catch (error) {
      this.#running.delete(id);
      throw error;
    }
    void this.#run(run);
    return status;
  }

  /** Ends with what came of it stored; where even that failed, the import counts as broken off. */
  async #run(run: ManifestRun): Promise<void> {
    const { channel, resolved, who, planned } = run;
    try {
      const items: ResolvedItem[] = [];
      for (const item of resolved) {
        items.push(item.source === null ? item : { ...item, guid: await this.#import(item.source, who), source: null });
      }
      await this.#apply(run, items);
    } catch (error) {
      const isTold = error instanceof ImportEndedError || error instanceof Refusal;
      if (!isTold) this.#parts.logger.error({ error }, 'a manifest was not imported');
      const message = isTold ? error.message : 'The import failed inside the server; its log says more.';
      const failed: ManifestStatus = { ...planned, state: 'failed', message: `The channel is unchanged. ${message}` };
      await this.#save(channel.id, failed).catch((reason: unknown) => {
        this.#parts.logger.error({ error: reason }, 'how the import of a manifest went was not stored');
      });
    } finally {
      this.#running.delete(channel.id);
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

  /** The channel and what is told of the import change together. */
  async #apply(
    { channel: { id }, removesOthers, who, planned }: ManifestRun,
    resolved: readonly ResolvedItem[],
  ): Promise<ManifestStatus> {
    const status: ManifestStatus = { ...planned, state: 'applied' };
    await changeChannel(this.#parts, {
      ...{ id, who, action: 'import-channel-manifest', aspect: 'packages' },
      plan: (channel) => {
        const { items, added, changed, removed } = mergeItems(channel.items, resolved.flatMap(itemOf), removesOthers);
        if (added.length + changed.length + removed.length === 0) return null;
        return { ...channel, items: [...items] };
      },
      also: (transaction) => saveManifestStatus(transaction, id, status),
    });
    return status;
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
    if (!this.#running.has(channelId)) return;
    throw new Refusal('conflict', 'A manifest is being imported into this channel. Wait until that is over.');
  }

  async #save(channelId: string, status: ManifestStatus): Promise<void> {
    await this.#parts.writes.write((transaction) => saveManifestStatus(transaction, channelId, status));
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
