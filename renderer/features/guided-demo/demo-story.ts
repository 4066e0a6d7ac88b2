import type { AgentId, PackageKey } from '../../../shared/base/ids.ts';
import type { AgentSummary, Overview } from '../../../shared/contracts/console-api.ts';
import type { RouteAnswer } from '../../../shared/contracts/console-routes.ts';
import type { Delivery } from '../../../shared/contracts/deliveries-api.ts';
import type { FleetAgentStatus } from '../../../shared/contracts/fleet.ts';
import type { FleetStatus } from '../../../shared/contracts/fleet-api.ts';
import type { FirstDownloadersReport } from '../../../shared/contracts/reports-api.ts';
import type { DemoMemory, Killed } from './demo-memory.ts';

/** What packages of demonstrations are called; `serve --demo-fleet` calls its own so. */
export const demoPackageName = 'Demo package';
/** Bar of WAN copies where a first downloader was killed half-way. */
export const killedBar = 1.05;
/** Between these copies something happens to a first downloader: something is lost, and something is left to do. */
const onItsWay = { least: 0.1, most: 0.9 };

export const demoSteps = ['fleet', 'deliver', 'kill', 'corrupt', 'sources'] as const;
export type DemoStep = (typeof demoSteps)[number];

type Claim = FirstDownloadersReport['rows'][number];
type Alert = RouteAnswer<'alerts'>[number];

/** What the server tells, all of it. */
export interface DemoWorld {
  readonly fleet: FleetStatus;
  readonly agents: readonly AgentSummary[];
  /** Newest first. */
  readonly deliveries: readonly Delivery[];
  readonly wanCopies: Overview['wanCopies'];
  readonly claims: readonly Claim[];
  readonly alerts: readonly Alert[];
}

/** One subnet of the delivery that is looked at. */
export interface DemoLink {
  readonly subnet: string;
  readonly name: string;
  readonly copies: number;
  readonly wanBytes: number;
  readonly totalSizeBytes: number;
  readonly agents: number;
  readonly ready: number;
}

/** The newest delivery of a demo package; null before the first. */
export function demoDelivery({ deliveries }: Pick<DemoWorld, 'deliveries'>): Delivery | null {
  return (
    deliveries.find(({ packageName, status }) => packageName === demoPackageName && status !== 'cancelled') ?? null
  );
}

export function isComplete(delivery: Delivery | null): boolean {
  return delivery !== null && delivery.agents > 0 && delivery.ready === delivery.agents;
}

/** What crossed each WAN link for the delivery, as the sending sockets counted. */
export function demoLinks({ wanCopies, fleet }: DemoWorld, key: PackageKey): readonly DemoLink[] {
  const names = new Map(fleet.subnets.map(({ subnet, name }) => [subnet, name]));
  return wanCopies
    .filter((row) => row.key === key)
    .map((row) => ({ ...row, name: names.get(row.subnet) ?? row.siteName ?? row.subnet }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

export interface Victim {
  readonly agent: FleetAgentStatus;
  /** All that go down with it. */
  readonly others: readonly string[];
  readonly link: DemoLink;
}

/** The first downloader that is nearest to half-way, whom all others of its subnet ask for blocks; null while none is. */
export function victimOf(world: DemoWorld, delivery: Delivery): Victim | null {
  const candidates = demoLinks(world, delivery.key).flatMap((link): Victim[] => {
    const claim = currentClaim(world.claims, delivery.key, link.subnet);
    const agent = world.fleet.agents.find(({ agentId }) => agentId !== null && agentId === claim?.agentId);
    if (agent?.workerPid == null || agent.state !== 'running') return [];
    if (link.copies < onItsWay.least || link.copies > onItsWay.most) return [];
    const others = world.fleet.agents.filter(
      ({ name, workerPid }) => workerPid === agent.workerPid && name !== agent.name,
    );
    return [{ agent, others: others.map(({ name }) => name), link }];
  });
  const [nearest] = candidates.sort((a, b) => Math.abs(a.link.copies - 0.5) - Math.abs(b.link.copies - 0.5));
  return nearest ?? null;
}

/** Who fetches for the subnet now; null where nobody does, or nobody told yet. */
function currentClaim(claims: readonly Claim[], key: PackageKey, subnet: string): Claim | null {
  const newest = claims
    .filter((claim) => claim.key === key && claim.subnet === subnet)
    .sort((a, b) => b.epoch - a.epoch || b.claimedAtMs - a.claimedAtMs)[0];
  return newest === undefined || newest.end !== null ? null : newest;
}

/** Who took over from an agent that was killed; null until somebody told. */
export function successorOf({ claims }: Pick<DemoWorld, 'claims'>, killed: Killed): Claim | null {
  const after = claims.filter(
    ({ key, subnet, claimedAtMs, agentId, epoch }) =>
      key === killed.key &&
      subnet === killed.subnet &&
      (epoch > killed.epoch || claimedAtMs > killed.atMs || agentId !== killed.agentId),
  );
  return after.sort((a, b) => b.epoch - a.epoch || b.claimedAtMs - a.claimedAtMs)[0] ?? null;
}

/** The epoch of the claim that an agent has now; 0 where none is known. */
export function epochOf({ claims }: Pick<DemoWorld, 'claims'>, key: PackageKey, subnet: string): number {
  return currentClaim(claims, key, subnet)?.epoch ?? 0;
}

export interface Refusals {
  /** Damaged blocks that were refused since. */
  readonly blocks: number;
  readonly reporters: readonly string[];
}

export function refusalsOf({ alerts, agents }: DemoWorld, agentId: AgentId, sinceMs: number): Refusals {
  const told = alerts.filter(
    (alert) => alert.kind === 'corrupt-blocks' && alert.agentId === agentId && alert.lastAtMs >= sinceMs,
  );
  const names = new Map(agents.map((agent) => [agent.agentId, agent.name]));
  const reporters = told.flatMap(({ reportedBy }) =>
    reportedBy === null ? [] : [names.get(reportedBy) ?? reportedBy],
  );
  return { blocks: told.reduce((sum, { count }) => sum + count, 0), reporters: [...new Set(reporters)].sort() };
}

/** Which steps happened: what the server tells now, and what it told before, which nobody takes back. */
export function stepsDone(world: DemoWorld, memory: DemoMemory): readonly DemoStep[] {
  const delivery = demoDelivery(world);
  const running = world.fleet.agents.filter(({ state }) => state === 'running').length;
  const { killed, corrupted } = memory;
  const happened: Record<DemoStep, boolean> = {
    fleet: running >= 2,
    deliver: isComplete(delivery),
    kill: killed !== null && killed.key === delivery?.key && isComplete(delivery),
    corrupt:
      corrupted !== null &&
      delivery !== null &&
      corrupted.key === delivery.key &&
      isComplete(delivery) &&
      refusalsOf(world, corrupted.agentId, corrupted.atMs).blocks > 0,
    sources: memory.hasLooked,
  };
  return demoSteps.filter((step) => happened[step] || memory.done.includes(step));
}

/** A step is open when the one before happened; the last when there are bytes to ask after. */
export function isStepOpen(step: DemoStep, done: readonly DemoStep[]): boolean {
  const needed: Record<DemoStep, DemoStep | null> = {
    fleet: null,
    deliver: 'fleet',
    kill: 'deliver',
    corrupt: 'kill',
    sources: 'deliver',
  };
  const before = needed[step];
  return before === null || done.includes(before);
}

/** `1.0`, then `1.1`, `1.2` …: of the versions that there are, withdrawn ones too. */
export function nextVersion(versions: readonly string[]): string {
  const minors = versions.flatMap((version) => {
    const minor = /^1\.(\d{1,9})$/.exec(version)?.[1];
    return minor === undefined ? [] : [Number(minor)];
  });
  return `1.${minors.length === 0 ? 0 : Math.max(...minors) + 1}`;
}
