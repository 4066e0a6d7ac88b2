/** What a WAN link carries, in bytes per second. */
export interface LinkLoad {
  readonly inBytesPerSecond: number;
  readonly outBytesPerSecond: number;
}

export type LinkWay = 'in' | 'out';

/** What somebody else told that it sent through a link. */
export interface ToldCrossing {
  readonly siteId: string;
  readonly way: LinkWay;
  readonly bytes: number;
}

/** Long enough that a paced answer does not flicker, short enough that a person calls it now. */
const windowSeconds = 5;

interface Counted {
  /** Bytes by second, the slot of a second being its number modulo the length; one more than the window for the second that runs. */
  readonly bytes: number[];
  newestSecond: number;
}

interface Told {
  readonly crossing: ToldCrossing;
  readonly bytesPerSecond: number;
  readonly untilMs: number;
}

/**
 * The load on the WAN links of sites, now. What this server's sockets send is the mean of the last whole seconds. What Package
 * Servers send they tell afterwards: it counts as their rate until they should have told again.
 */
export class LinkLoads {
  readonly #counted = new Map<string, Counted>();
  readonly #told = new Map<string, { readonly toldAtMs: number; readonly crossings: readonly Told[] }>();

  /** This server's sockets sent bytes into a site. */
  sent(siteId: string, bytes: number, nowMs: number): void {
    const second = Math.floor(nowMs / 1000);
    const counted = this.#counted.get(siteId) ?? { bytes: noBytes(), newestSecond: second };
    this.#counted.set(siteId, counted);
    advance(counted, second);
    const slot = second % counted.bytes.length;
    counted.bytes[slot] = (counted.bytes[slot] ?? 0) + bytes;
  }

  /** `teller` told what it sent since it last told, which it does every `everyMs` while it sends. */
  told(teller: string, crossings: readonly ToldCrossing[], everyMs: number, nowMs: number): void {
    const before = this.#told.get(teller)?.toldAtMs;
    // It may have sent nothing for long before: no more than one interval is spoken of.
    const spanMs = Math.max(1000, Math.min(everyMs, before === undefined ? everyMs : nowMs - before));
    this.#told.set(teller, {
      toldAtMs: nowMs,
      crossings: crossings.map((crossing) => ({
        crossing,
        bytesPerSecond: Math.floor((crossing.bytes * 1000) / spanMs),
        // The next telling is an interval away, and a moment on its way.
        untilMs: nowMs + everyMs + 1000,
      })),
    });
  }

  /** Of the sites whose links carry something. */
  loads(nowMs: number): ReadonlyMap<string, LinkLoad> {
    const loads = new Map<string, LinkLoad>();
    const add = (siteId: string, way: LinkWay, bytesPerSecond: number): void => {
      if (bytesPerSecond === 0) return;
      const { inBytesPerSecond, outBytesPerSecond } = loads.get(siteId) ?? noLoad;
      loads.set(siteId, {
        inBytesPerSecond: inBytesPerSecond + (way === 'in' ? bytesPerSecond : 0),
        outBytesPerSecond: outBytesPerSecond + (way === 'out' ? bytesPerSecond : 0),
      });
    };
    const second = Math.floor(nowMs / 1000);
    for (const [siteId, counted] of this.#counted) {
      advance(counted, second);
      const running = counted.bytes[second % counted.bytes.length] ?? 0;
      const whole = counted.bytes.reduce((sum, bytes) => sum + bytes, 0) - running;
      if (whole + running === 0) this.#counted.delete(siteId);
      add(siteId, 'in', Math.floor(whole / windowSeconds));
    }
    for (const [teller, { crossings }] of this.#told) {
      const current = crossings.filter(({ untilMs }) => untilMs > nowMs);
      if (current.length === 0) this.#told.delete(teller);
      for (const { crossing, bytesPerSecond } of current) add(crossing.siteId, crossing.way, bytesPerSecond);
    }
    return loads;
  }
}

const noLoad: LinkLoad = { inBytesPerSecond: 0, outBytesPerSecond: 0 };

function noBytes(): number[] {
  return Array.from({ length: windowSeconds + 1 }, () => 0);
}

function advance(counted: Counted, second: number): void {
  const steps = Math.min(second - counted.newestSecond, counted.bytes.length);
  for (let step = 0; step < steps; step++) counted.bytes[(second - step) % counted.bytes.length] = 0;
  counted.newestSecond = Math.max(counted.newestSecond, second);
}
