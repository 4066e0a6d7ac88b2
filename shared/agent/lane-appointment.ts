import { rankByHrw } from '../base/hrw.ts';
import type { AgentId, PackageKey } from '../base/ids.ts';

export interface FormerClaim {
  readonly claimer: AgentId | null;
  readonly lanes: readonly AgentId[];
}

/**
 * Who fetches over the WAN under a claim: the claimer, and for an emergency the first followers by HRW. A claim keeps the
 * lanes that it began with, and a new claimer those of the one before: each change gives blocks that are under way to
 * somebody else as well. Only who is gone is replaced, in its place; and a claimer by the next, where that was no lane.
 */
export function appointLanes(subject: {
  readonly ownId: AgentId;
  readonly key: PackageKey;
  /** Live peers that want the package. */
  readonly followers: readonly AgentId[];
  readonly laneCount: number;
  /** A lane that was appointed before is there, and has not ended. */
  isStillFetching(lane: AgentId): boolean;
  /** Of the own claim, or of the last one heard. */
  readonly former: FormerClaim;
  readonly isOwnClaim: boolean;
}): readonly AgentId[] {
  const { ownId, key, followers, laneCount, former, isOwnClaim, isStillFetching } = subject;
  if (laneCount === 1) return [ownId];
  const ranked = rankByHrw(followers, key);
  if (!isOwnClaim && former.lanes.length !== laneCount) return [ownId, ...ranked].slice(0, laneCount);
  const spare = [ownId, ...ranked].filter((agent) => !former.lanes.includes(agent));
  const isNew = spare[0] === ownId;
  const stays = (lane: AgentId): boolean =>
    lane === ownId || (isStillFetching(lane) && !(isNew && lane === former.claimer));
  return former.lanes.map((lane) => (stays(lane) ? lane : spare.shift())).filter((lane) => lane !== undefined);
}
