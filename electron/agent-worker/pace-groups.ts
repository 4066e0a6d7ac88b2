import type { PacedStream } from './pace-group.ts';
import { PaceGroup } from './pace-group.ts';

/** Beyond, those that nobody streams in are forgotten: what one of them is in debt for is less than a block. */
const maximumIdleGroups = 64;

/** One group for each limit that streams come under, by its name. */
export class PaceGroups {
  readonly #groups = new Map<string, PaceGroup>();

  /** `turnName`: whom the stream serves. */
  join(name: string, bytesPerSecond: number, turnName: string): PacedStream {
    const group = this.#groups.get(name) ?? new PaceGroup();
    // The one that was used last is forgotten last.
    this.#groups.delete(name);
    this.#groups.set(name, group);
    const stream = group.join(bytesPerSecond, turnName);
    if (this.#groups.size > maximumIdleGroups) this.#forgetIdle();
    return stream;
  }

  #forgetIdle(): void {
    for (const [name, group] of this.#groups) {
      if (this.#groups.size <= maximumIdleGroups) return;
      if (group.isIdle) this.#groups.delete(name);
    }
  }
}
