/** Times of want and claim (docs/protocol.md). Milliseconds. */
export const claimTimes = {
  wantRepeatMs: 100,
  gatherMs: 250,
  /** Enough for every answer in a subnet that is not overloaded, where it is known who could answer. */
  shortestGatherMs: 50,
  /** Right after start or an address change: the others of the subnet may be starting as well. */
  gatherAtStartMs: 1000,
  startPhaseMs: 5000,
  turnMs: 150,
  maxTurns: 8,
  claimSendsMs: [0, 75, 200] as readonly number[],
  claimIntervalMs: 1000,
  /** Between two CLAIMs that answer wants or lower claims. */
  minClaimSpacingMs: 75,
  uncontestedMs: 150,
  /** Who serves nobody waits for a claim of others, more than all of their turns, before it fetches for itself. */
  leaveToOthersMs: 3000,
  /**
   * An installation ends, and often all of a subnet install at the same time: if each fetched for itself meanwhile, each would
   * take a copy over the WAN. Longer than a command may take.
   */
  leaveWhileInstallingMs: 3_900_000,
  /** The same for an emergency: it could not be installed before that either. */
  leaveWhileInstallingUrgentlyMs: 300_000,
  silentMs: 3000,
  /** A computer that is behind neither claims nor takes over, but not for longer than this. */
  longestLagMs: 10_000,
  probeTimeoutMs: 1000,
  /** A claimer that answers probes but sends no CLAIM is believed this often. */
  maxProbeExtensions: 2,
  stuckMs: 10_000,
  /** For its first block, as long as bytes come: what two blocks take at 256 kbit/s. */
  firstBlockMs: 120_000,
  /** Epochs after which the time for the first block no longer doubles. */
  firstBlockDoublings: 4,
  stuckBlockTimes: 4,
  slowSampleMs: 10_000,
  slowSamples: 3,
} as const;

/** Pauses after consecutive failures of all sources, minutes; the last one repeats. */
const sourceBackoffMinutes = [3, 6, 12, 24, 48, 96, 120] as const;

/** `failures` is 1 for the first. `scale` is the policy's source back-off scale. */
export function sourceBackoffMs(failures: number, scale: number): number {
  const index = Math.min(Math.max(failures, 1), sourceBackoffMinutes.length) - 1;
  return (sourceBackoffMinutes[index] ?? 120) * 60_000 * scale;
}

/** Whoever knows of so many that want a package knows that they are a crowd, and who of them may take over. */
export const enoughWanting = 64;
