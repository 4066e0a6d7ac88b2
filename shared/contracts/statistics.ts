import { z } from 'zod';
import type { AgentId, PackageKey } from '../base/ids.ts';
import type { JournalReason, SourceKind } from './journal.ts';
import { byteCountSchema } from './primitives.ts';

/** What the server's rules make of bytes, and its database keeps. */

/** Bytes that reached agents, by where they came from. The first three are direct bytes, as their sending sockets counted. */
export const trafficBytesSchema = z.object({
  notificationServerBytes: byteCountSchema,
  /** From Package Servers of the own site, and of others. */
  ownPackageServerBytes: byteCountSchema,
  foreignPackageServerBytes: byteCountSchema,
  /** As the receiving agents tell: blocks whose hash was right. */
  peerBytes: byteCountSchema,
  /** Of all these, what Package Servers took for others only. */
  fillBytes: byteCountSchema,
});
export type TrafficBytes = z.infer<typeof trafficBytesSchema>;

/** Where an agent counts: the place that it has when its bytes are told. */
export interface TrafficPlace {
  /** Null = Unassigned. */
  readonly siteId: string | null;
  readonly subnet: string;
  readonly policyId: string;
}

/** Bytes that reached an agent, on their way into the statistics. */
export interface TrafficEntry extends TrafficPlace {
  readonly atMs: number;
  readonly agentId: AgentId;
  readonly key: PackageKey;
  readonly source: SourceKind;
  /**
   * Null: bytes that moved, direct ones as counted where they left, those of peers where they arrived. Else direct bytes as
   * the agent that took them told them, with its reason: the same bytes once more, kept apart.
   */
  readonly reason: JournalReason | null;
  /** They went to a Package Server that nobody delivers the package to: it takes them for others. */
  readonly isFill: boolean;
  readonly bytes: number;
}

/** What moved in one minute or hour. */
export interface FactCell {
  readonly atMs: number;
  readonly siteId: string | null;
  readonly subnet: string;
  readonly policyId: string;
  readonly key: PackageKey;
  readonly bytes: TrafficBytes;
}

/** `all` has one member, ''. Of sites '' is Unassigned. */
export type TotalDimension = 'all' | 'site' | 'subnet' | 'package' | 'policy' | 'agent';

/** What moved in a day or month for one member of a dimension. */
export interface TotalCell {
  readonly atMs: number;
  readonly dimension: TotalDimension;
  readonly member: string;
  readonly bytes: TrafficBytes;
}

/** Direct bytes of one hour and why they were, as agents tell. */
export interface ReasonCell {
  readonly atMs: number;
  readonly siteId: string | null;
  readonly subnet: string;
  readonly policyId: string;
  readonly key: PackageKey;
  readonly source: SourceKind;
  readonly reason: JournalReason;
  readonly bytes: number;
}

/** To be added to what is there. No cell stands twice in a list. */
export interface TrafficCells {
  readonly minutes: readonly FactCell[];
  readonly hours: readonly FactCell[];
  readonly days: readonly TotalCell[];
  readonly agentDays: readonly TotalCell[];
  readonly months: readonly TotalCell[];
  readonly reasons: readonly ReasonCell[];
}

/** Before which time what is kept of each kind is over. */
export interface StatisticsCutoffs {
  readonly minutesMs: number;
  readonly hoursMs: number;
  readonly daysMs: number;
  readonly agentDaysMs: number;
  readonly monthsMs: number;
  readonly claimsMs: number;
}
