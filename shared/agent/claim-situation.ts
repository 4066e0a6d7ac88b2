import type { AgentId } from '../base/ids.ts';

/** What the download knows and the claim has to, taken anew at every step. */
export interface ClaimSituation {
  /** A block is missing that no live peer holds. */
  readonly needsWan: boolean;
  /** This agent holds all that the present claimer is known to hold. */
  readonly isUpToDateWithClaimer: boolean;
  /** How many this agent holds. */
  readonly blocksHere: number;
  /** Live peers that want the package, in the order of ids. */
  readonly followers: readonly AgentId[];
  /** A peer that was told to fetch lives, and has neither all blocks nor a reason to rest. */
  readonly isStillFetching: (peer: AgentId) => boolean;
  /** Lanes to appoint: 1, or 4 for an emergency. */
  readonly laneCount: number;
  readonly rateCapBytesPerSecond: number;
  readonly isStartPhase: boolean;
  /** This agent gives blocks to peers. Who does not is no use to followers as a claimer. */
  readonly isServing: boolean;
  /** It does not, because it installs something: that ends. */
  readonly isInstalling: boolean;
  readonly isEmergency: boolean;
  /** Every live peer that is known has said that it wants the package, or what it holds of it. */
  readonly haveAllSpoken: () => boolean;
  /** A look-up in the DHT is under way: gathering lasts until it ends. */
  readonly isLookingUp: boolean;
  /** This computer is behind: words of others may be waiting to be read. */
  readonly isLagging: boolean;
}
