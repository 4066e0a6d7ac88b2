/** From so many other holders on, a block may go to several peers at a time. */
const enoughHolders = 3;
/** Blocks that leave at a time where one takes less than `fastCopyMs`: each at full speed instead of all at a fraction. */
const fastUploads = 2;
const fastCopyMs = 500;

export type Turn = 'serve' | 'wait' | 'ask-others';

/**
 * Whether a request for a block is served now. A block that hardly anybody holds goes to one peer at full speed, who
 * passes it on, and not to all of them at a fraction of it: the subnet's upload doubles with every copy, and the window of
 * a lane opens with the first. While a lane has blocks that nobody else holds, it leaves those that others hold to them:
 * its upload is what everybody waits for. Behind a slow link, or a small maximum upload bandwidth, taking turns would let
 * the last one wait for long: there the bandwidth is shared.
 */
export function turnOf(situation: {
  /** Blocks being sent from here. */
  readonly uploads: number;
  /** Of them, copies of this block. */
  readonly copies: number;
  /** Others that hold the block. */
  readonly holders: number;
  /** This agent is a lane and has blocks that nobody else holds. */
  readonly hasScarcerBlocks: boolean;
  /** What a block takes from here now; 0 = not known yet. */
  readonly copyMs: number;
}): Turn {
  const { uploads, copies, holders, hasScarcerBlocks, copyMs } = situation;
  if (hasScarcerBlocks && holders > 0) return 'ask-others';
  if (copies > 0 && holders < enoughHolders) return 'wait';
  return uploads >= fastUploads && copyMs < fastCopyMs ? 'wait' : 'serve';
}
