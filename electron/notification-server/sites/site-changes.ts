import { randomUUID } from 'node:crypto';
import { formatSchedule, parseSchedule } from '../../../shared/base/bandwidth-schedule.ts';
import type { SiteDraft } from '../../../shared/contracts/sites-api.ts';
import { maximumSites } from '../../../shared/contracts/sites-api.ts';
import type { SiteProblem } from '../../../shared/server/site-rules.ts';
import { canShareLan, siteProblems } from '../../../shared/server/site-rules.ts';
import type { StoredSite } from '../../database/stores/site-store.ts';
import { deleteSite, loadSiteVersions, saveSites } from '../../database/stores/site-store.ts';
import type { Change } from '../console/console-handler.ts';
import { writeAudited } from '../console/console-handler.ts';
import { Refusal } from '../refusal.ts';
import type { ServerParts } from '../server-parts.ts';
import { refuseMentionedSite } from './mentions.ts';
import { isTimeZone } from './zone-clock.ts';

/** What is to be written, as it was decided on sites as they were. */
export interface PlannedChange {
  readonly action: string;
  readonly subject: string;
  readonly before: unknown;
  readonly after: unknown;
  /** Parents before the sites below them. */
  readonly saved: readonly StoredSite[];
  readonly deleted?: StoredSite;
}

/** Rolls the write back: it was decided on sites that are not the stored ones any more. */
class SitesMovedOnError extends Error {}

/** Each time somebody else was faster, and everybody makes way in the end. */
const maximumAttempts = 10;

/**
 * Writes what `plan` decides, in one transaction. A rule about sites reads all of them, so a change of any other between
 * decision and write makes `plan` decide again. `plan` returns null where nothing is to be done, and throws refusals.
 */
export async function changeSites(
  parts: ServerParts,
  who: string,
  plan: (sites: readonly StoredSite[]) => PlannedChange | null | Promise<PlannedChange>,
): Promise<void> {
  const { organisation } = parts;
  for (let attempt = 1; attempt <= maximumAttempts; attempt++) {
    const decidedOn = organisation.sites;
    const planned = await plan(decidedOn);
    if (planned === null) return;
    const { action, subject, before, after, saved, deleted } = planned;
    const change: Change = { who, action, subject, before, after };
    try {
      await writeAudited(parts, change, async (transaction) => {
        const versions = await loadSiteVersions(transaction);
        const isSame = versions.size === decidedOn.length && decidedOn.every((s) => versions.get(s.id) === s.version);
        if (!isSame) throw new SitesMovedOnError();
        if (deleted !== undefined) await refuseMentionedSite(transaction, deleted);
        await saveSites(transaction, saved);
        if (deleted !== undefined) await deleteSite(transaction, deleted.id);
      });
    } catch (error) {
      if (!(error instanceof SitesMovedOnError)) throw error;
      await organisation.reload('sites');
      continue;
    }
    await organisation.reload('sites');
    return;
  }
  throw new Refusal('busy', 'Others change sites all the time; try again.', { retryAfterSeconds: 1 });
}

export interface Saver {
  readonly who: string;
  readonly atMs: number;
}

/** The site that a draft means: what it leaves out stays, or has its default in a new site. */
export function siteOfDraft(draft: SiteDraft, before: StoredSite | null, { who, atMs }: Saver): StoredSite {
  const locationType = draft.locationType ?? before?.locationType ?? 'office';
  return {
    id: before?.id ?? randomUUID(),
    name: draft.name,
    parentId: draft.parentId === undefined ? (before?.parentId ?? null) : draft.parentId,
    subnets: draft.subnets,
    wanKilobitsPerSecond: draft.wanKilobitsPerSecond,
    wanOutKilobitsPerSecond: draft.wanOutKilobitsPerSecond ?? before?.wanOutKilobitsPerSecond ?? 0,
    acquisitionSchedule: canonical(draft.acquisitionSchedule ?? before?.acquisitionSchedule ?? ''),
    distributionSchedule: canonical(draft.distributionSchedule ?? before?.distributionSchedule ?? ''),
    timeZone: draft.timeZone ?? before?.timeZone ?? 'UTC',
    locationType,
    sharesLan: draft.sharesLan ?? before?.sharesLan ?? (locationType === 'office' && canShareLan(draft.subnets)),
    version: (before?.version ?? 0) + 1,
    updatedAtMs: atMs,
    updatedBy: who,
  };
}

/** Every reason why one of the changed sites cannot be saved beside the others, the sites in the order of `changed`. */
export function problemsOfSites(
  changed: readonly StoredSite[],
  others: readonly StoredSite[],
): (SiteProblem & { readonly siteId: string })[] {
  const found = siteProblems([...others, ...changed], new Set(changed.map(({ id }) => id)));
  return changed.flatMap(({ id, timeZone }) => {
    const problems = [...(found.get(id) ?? [])];
    if (!isTimeZone(timeZone)) {
      problems.push({ path: 'timeZone', message: `"${timeZone}" is no time zone such as Europe/Berlin or UTC.` });
    }
    return problems.map(({ path, message }) => ({ path, message, siteId: id }));
  });
}

export function refuseProblems(problems: readonly SiteProblem[]): void {
  const [first] = problems;
  const fields = problems.slice(0, 100).map(({ path, message }) => ({ path, message }));
  if (first !== undefined) throw new Refusal('invalid-request', first.message, { fields });
}

export function refuseTooMany(sites: number): void {
  if (sites > maximumSites) throw new Refusal('conflict', `An organisation can have ${maximumSites} sites.`);
}

/** The same schedule is always stored as the same text. */
function canonical(schedule: string): string {
  const parsed = parseSchedule(schedule);
  return parsed.ok ? formatSchedule(parsed.value) : schedule;
}
