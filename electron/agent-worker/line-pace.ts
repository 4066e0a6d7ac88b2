import type { PacerClock } from '../../shared/base/fair-pacer.ts';
import { FairPacer } from '../../shared/base/fair-pacer.ts';
import { PacedStream, systemPacerClock } from './pace-group.ts';

/** How a stream of bytes keeps to its limits; see `PacedStream`. */
export type Pace = Pick<PacedStream, 'stepBytes' | 'ask' | 'pass' | 'setRate' | 'leave'>;

/** One direction of an agent's line, which somebody may slow down: all streams pass it, whatever their limits by policy. */
export class LinePace {
  readonly #pacer: FairPacer;
  readonly #streams = new Set<PacedStream>();
  #bytesPerSecond = Number.POSITIVE_INFINITY;

  constructor(clock: PacerClock = systemPacerClock) {
    this.#pacer = new FairPacer(this.#bytesPerSecond, clock);
  }

  /** Acts at once on streams that are under way. Infinity = as fast as the computer. */
  setRate(bytesPerSecond: number): void {
    this.#bytesPerSecond = bytesPerSecond;
    this.#pacer.setRate(bytesPerSecond);
    for (const stream of [...this.#streams]) stream.setRate(bytesPerSecond);
  }

  /** The stream that `limit` paces has to pass the line as well. `turnName`: whom it serves. */
  join(limit: PacedStream, turnName: string): Pace {
    const stream: PacedStream = new PacedStream(this.#pacer, turnName, (share) => {
      if (share === null) this.#streams.delete(stream);
    });
    this.#streams.add(stream);
    stream.setRate(this.#bytesPerSecond);
    return new TwicePacedStream(limit, stream);
  }
}

/** A stream that moves when both its limit by policy and the line let it. */
class TwicePacedStream implements Pace {
  readonly #limit: PacedStream;
  readonly #line: PacedStream;
  #limitHolds = false;
  #lineHolds = false;
  #resume: (() => void) | null = null;

  readonly #limitLets = (): void => {
    this.#limitHolds = false;
    this.#goOn();
  };

  readonly #lineLets = (): void => {
    this.#lineHolds = false;
    this.#goOn();
  };

  constructor(limit: PacedStream, line: PacedStream) {
    this.#limit = limit;
    this.#line = line;
  }

  stepBytes(maximum: number): number {
    return Math.min(this.#limit.stepBytes(maximum), this.#line.stepBytes(maximum));
  }

  /** One after the other: what the limit holds back takes no turn of the line. */
  ask(bytes: number, resume: () => void): boolean {
    const isGranted = this.#limit.ask(bytes, () => {
      if (this.#line.ask(bytes, resume)) resume();
    });
    return isGranted && this.#line.ask(bytes, resume);
  }

  /** Both at once: the bytes are there already. */
  pass(bytes: number, resume: () => void): boolean {
    if (!this.#limit.pass(bytes, this.#limitLets)) this.#limitHolds = true;
    if (!this.#line.pass(bytes, this.#lineLets)) this.#lineHolds = true;
    if (!this.#limitHolds && !this.#lineHolds) return true;
    this.#resume ??= resume;
    return false;
  }

  setRate(bytesPerSecond: number): void {
    this.#limit.setRate(bytesPerSecond);
  }

  leave(): void {
    this.#resume = null;
    this.#limit.leave();
    this.#line.leave();
  }

  #goOn(): void {
    if (this.#limitHolds || this.#lineHolds) return;
    const resume = this.#resume;
    this.#resume = null;
    resume?.();
  }
}
