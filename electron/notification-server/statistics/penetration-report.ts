import type { RouteQuery } from '../../../shared/contracts/console-routes.ts';
import type { PenetrationReport } from '../../../shared/contracts/reports-api.ts';
import { longestDaysMs, planRange } from '../../../shared/server/statistics/report-plan.ts';
import { loadPenetration } from '../../database/stores/delivery-store.ts';
import { packageChangeBefore, packageChanges } from '../../database/stores/package-change-store.ts';
import type { OrganisationViews } from '../console/organisation-views.ts';
import { Refusal } from '../refusal.ts';
import { resolveFilters } from './report-names.ts';
import { millisecondsOf } from './report-turns.ts';
import type { ReportParts } from './traffic-reports.ts';
import { refusedField } from './traffic-reports.ts';

/** Of a delivery, from its start on; what came later is kept by the hour. */
const minutesKeptMs = 24 * 60 * 60 * 1000;
const longest = { lengthMs: longestDaysMs, message: 'Reports are made for at most 365 days.' };

export interface PenetrationParts extends ReportParts {
  readonly views: OrganisationViews;
}

/** How many agents had a package, or did what a delivery asks, over time. */
export async function penetrationReport(
  parts: PenetrationParts,
  query: RouteQuery<'penetrationReport'>,
): Promise<PenetrationReport> {
  return query.deliveryId === undefined ? ofPackage(parts, query) : ofDelivery(parts, query, query.deliveryId);
}

async function ofPackage(parts: PenetrationParts, query: RouteQuery<'penetrationReport'>): Promise<PenetrationReport> {
  await resolveFilters(parts, { key: query.key });
  const stored = query.key === undefined ? null : parts.organisation.package(query.key);
  if (stored === null) throw new Refusal('not-found', 'This server has no such package version.');
  const range = rangeOf(parts, query, stored.createdAtMs);
  const { key, name: packageName, version } = stored;
  let standing = await packageChangeBefore(parts.database, key, range.fromMs);
  const points = [{ atMs: range.fromMs, ...standing }];
  for (const change of await packageChanges(parts.database, key, range.fromMs, range.toMs)) {
    standing = {
      ready: standing.ready + change.ready,
      installed: standing.installed + change.installed,
      failed: standing.failed + change.failed,
    };
    points.push({ atMs: change.atMs, ...standing });
  }
  const { assigned: agents } = await parts.views.package(stored);
  return { ...range, key, packageName, version, deliveryId: null, agents, points, failures: [] };
}

async function ofDelivery(
  parts: PenetrationParts,
  query: RouteQuery<'penetrationReport'>,
  deliveryId: string,
): Promise<PenetrationReport> {
  const delivery = parts.organisation.delivery(deliveryId);
  const stored = delivery === null ? null : parts.organisation.package(delivery.stored.key);
  if (delivery === null || stored === null) {
    const message = 'There is no such delivery.';
    throw new Refusal('not-found', `deliveryId: ${message}`, { fields: [{ path: 'deliveryId', message }] });
  }
  const startedAtMs = delivery.state.stages[0]?.startedAtMs ?? parts.now();
  const range = rangeOf(parts, query, delivery.stored.createdAtMs, startedAtMs + minutesKeptMs);
  const all = await loadPenetration(parts.database, deliveryId);
  const last = all.at(-1);
  const before = all.filter(({ atMs }) => atMs < range.fromMs).at(-1) ?? { ready: 0, installed: 0, failed: 0 };
  const { key, name: packageName, version } = stored;
  return {
    ...range,
    ...{ key, packageName, version, deliveryId },
    agents: last?.agents ?? 0,
    points: [
      { ...before, atMs: range.fromMs },
      ...all.filter(({ atMs }) => atMs >= range.fromMs && atMs < range.toMs),
    ].map(({ atMs, ready, installed, failed }) => ({ atMs, ready, installed, failed })),
    failures: last?.failures ?? [],
  };
}

/** Without a beginning: since the thing itself began. `minutesUntilMs`: until then there are points for minutes. */
function rangeOf(
  parts: ReportParts,
  query: RouteQuery<'penetrationReport'>,
  begunAtMs: number,
  minutesUntilMs = Number.POSITIVE_INFINITY,
) {
  const nowMs = parts.now();
  const fromMs = millisecondsOf(query.fromMs) ?? Math.max(begunAtMs, nowMs - 365 * 24 * 60 * 60 * 1000);
  const bucket = fromMs < minutesUntilMs ? 'minute' : 'hour';
  const planned = planRange({ fromMs, toMs: millisecondsOf(query.toMs) }, nowMs, longest, bucket);
  if (!planned.ok) throw refusedField(planned.error.field, planned.error.message);
  return planned.value;
}
