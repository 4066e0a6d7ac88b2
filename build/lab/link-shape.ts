/** What a link lets through, as `tc` words: token buckets, which every kernel with traffic control has. */

export interface LinkShape {
  /** Each way, 1,000,000 bit/s on the wire: Ethernet, IP and TCP headers included. Null = as fast as the computer. */
  readonly megabits: number | null;
}

export const openLink: LinkShape = { megabits: null };

/** Of 1,514 bytes on the wire 1,448 are content: Ethernet, IPv4, TCP with timestamps. */
const goodputShare = 1448 / 1514;

/** Content bytes a second that one TCP connection can get through; Infinity on an open link. */
export function goodputBytesPerSecond({ megabits }: LinkShape): number {
  return megabits === null ? Number.POSITIVE_INFINITY : (megabits * 1_000_000 * goodputShare) / 8;
}

/** A router keeps this much of its WAN link's time, a switch this much of a port's; what comes on top is dropped. */
const wanQueueMs = 100;
const portQueueMs = 20;
/** A serial line has no burst; four frames spare the kernel a timer for each. */
const wanBurstBytes = 4 * 1514;
/** Two of the largest segments that the kernel hands on in one piece. */
const portBurstBytes = 131_072;

/** The queue before one direction of a WAN link. */
export function wanQueue(card: string, megabits: number): string {
  return bucket(card, megabits, wanBurstBytes, wanQueueMs);
}

/** The queue before one direction of a switch port. */
export function portQueue(card: string, megabits: number): string {
  return bucket(card, megabits, portBurstBytes, portQueueMs);
}

function bucket(card: string, megabits: number, burstBytes: number, queueMs: number): string {
  const limitBytes = Math.max(2 * burstBytes, Math.ceil((megabits * 1000 * queueMs) / 8));
  return `qdisc add dev ${card} root tbf rate ${megabits}mbit burst ${burstBytes} limit ${limitBytes}`;
}
