import type { AgentId, PackageKey } from '../../base/ids.ts';
import type { AgentEvent, ServedPortion } from '../../contracts/agent-events.ts';
import type { TrafficEntry, TrafficPlace } from '../../contracts/statistics.ts';

/** What the server knows about those whom events name. */
export interface TrafficWorld {
  /** Null: no such agent. */
  placeOf(agentId: AgentId): TrafficPlace | null;
  /** Of whoever is no agent. Null: the address is not known. */
  placeAt(address: string | null): TrafficPlace;
  /** The site that a Package Server serves; null = none. */
  servedSiteOf(agentId: AgentId): string | null;
  isFill(agentId: AgentId, key: PackageKey): boolean;
  /** Null: no such package. */
  sizeBytesOf(key: PackageKey): number | null;
}

/** An agent keeps its events for a week; what is older, or of tomorrow, comes from a clock that is wrong. */
const oldestMs = 7 * 24 * 60 * 60 * 1000;
/**
 * Nobody takes a package more often between two events. Only an agent that tells lies does; it must not make sums of
 * bytes useless for all.
 */
const mostCopies = 16;
/** So that small packages, whose answers break off before anything counts, stay below it. */
const leastMaximumBytes = 1_000_000_000;

/** The time under which an event counts: its own, unless that cannot be. */
export function countedAtMs(eventAtMs: number, nowMs: number): number {
  return eventAtMs > nowMs || eventAtMs < nowMs - oldestMs ? nowMs : eventAtMs;
}

/** Bytes for whoever is no agent are counted under this one. */
export const nobody = '0'.repeat(32) as AgentId;

/** Null: no such agent. A client with a link is where it asked from, which the sites of now are asked for. */
export function placeOfAsker(
  { agentId, from }: Pick<ServedPortion, 'agentId' | 'from'>,
  world: Pick<TrafficWorld, 'placeOf' | 'placeAt'>,
): TrafficPlace | null {
  if (from === undefined) return world.placeOf(agentId);
  return world.placeAt(from === 'elsewhere' ? null : from);
}

/**
 * What events that are stored for the first time say about bytes. Direct bytes of the Notification Server are not among them:
 * its own sockets count those. Says nothing about agents and packages that the server does not know.
 */
export function trafficEntriesOf(
  agentId: AgentId,
  events: readonly AgentEvent[],
  world: TrafficWorld,
  nowMs: number,
): TrafficEntry[] {
  const sums = new Map<string, TrafficEntry>();
  const add = (
    place: TrafficPlace | null,
    entry: Omit<TrafficEntry, keyof TrafficPlace | 'isFill'>,
    from: string = entry.agentId,
  ): void => {
    const sizeBytes = world.sizeBytesOf(entry.key);
    if (place === null || sizeBytes === null || entry.bytes === 0) return;
    const { agentId: receiver, key, source, reason, atMs } = entry;
    const id = `${from} ${key} ${source} ${reason ?? ''} ${Math.floor(atMs / 60_000)}`;
    const known = sums.get(id);
    const isFill = world.isFill(receiver, key);
    const bytes = Math.min((known?.bytes ?? 0) + entry.bytes, Math.max(leastMaximumBytes, mostCopies * sizeBytes));
    sums.set(id, known === undefined ? { ...entry, ...place, isFill, bytes } : { ...known, bytes });
  };
  for (const event of events) {
    const atMs = countedAtMs(event.atMs, nowMs);
    if (event.kind === 'transferred') {
      const place = world.placeOf(agentId);
      for (const { source, reason, bytes } of event.portions) {
        add(place, { atMs, agentId, key: event.key, source, reason: source === 'peer' ? null : reason, bytes });
      }
    } else if (event.kind === 'served') {
      const ownSite = world.servedSiteOf(agentId);
      for (const portion of event.portions) {
        const { from, bytes } = portion;
        const place = placeOfAsker(portion, world);
        const source =
          ownSite !== null && place?.siteId === ownSite ? 'package-server-own-site' : 'package-server-foreign';
        const receiver = from === undefined ? portion.agentId : nobody;
        add(place, { atMs, agentId: receiver, key: event.key, source, reason: null, bytes }, from);
      }
    }
  }
  return [...sums.values()];
}

/** What the Notification Server's own sockets sent to an agent, where they counted it. */
export function sentEntryOf(
  sent: Pick<TrafficEntry, 'agentId' | 'key' | 'siteId' | 'subnet' | 'bytes'>,
  world: TrafficWorld,
  nowMs: number,
): TrafficEntry {
  const { agentId, key, siteId, subnet, bytes } = sent;
  const policyId = world.placeOf(agentId)?.policyId ?? '';
  const isFill = world.isFill(agentId, key);
  return {
    agentId,
    key,
    siteId,
    subnet,
    bytes,
    policyId,
    isFill,
    atMs: nowMs,
    source: 'notification-server',
    reason: null,
  };
}
