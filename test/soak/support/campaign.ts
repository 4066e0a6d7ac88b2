/** What one round of a campaign is told. */
export interface CampaignRun {
  /** Cases to run. */
  readonly count: number;
  /** 32 bits; the same seed and count give the same cases. */
  readonly seed: number;
  /** Told how far it is, for the person who waits. */
  readonly progress: (done: number, note?: string) => void;
}

export interface CampaignOutcome {
  /** Plain sentences; empty when everything held. */
  readonly failures: readonly string[];
  /** What was measured: memory, what was received, what was refused. */
  readonly figures: Readonly<Record<string, number | string>>;
}

/** Many random cases against the product; a share of them is part of `npm test`. */
export interface Campaign {
  readonly name: string;
  /** One line for people. */
  readonly what: string;
  /** Cases of a whole campaign. */
  readonly fullCount: number;
  /** At least 2 % of `fullCount`; what `npm test` runs. */
  readonly shareCount: number;
  run(run: CampaignRun): Promise<CampaignOutcome>;
  /** Runs one case that a failure named, in the words of the failure (`--case`). */
  replay?(text: string): Promise<CampaignOutcome>;
}

/** Enough to see what is wrong; a thousand times the same tells no more. */
const maxFailures = 20;

/** Failures of one run, the first ones in words. */
export class Failures {
  readonly #texts: string[] = [];
  #count = 0;

  add(text: string): void {
    this.#count++;
    if (this.#texts.length < maxFailures) this.#texts.push(text);
  }

  get count(): number {
    return this.#count;
  }

  get texts(): readonly string[] {
    const more = this.#count - this.#texts.length;
    return more === 0 ? this.#texts : [...this.#texts, `… and ${more} more`];
  }
}

/** The command that runs the same cases again. */
export function replayCommand(campaign: string, { seed, count }: Pick<CampaignRun, 'seed' | 'count'>): string {
  return `npm run soak -- ${campaign} --seed ${seed} --count ${count}`;
}
