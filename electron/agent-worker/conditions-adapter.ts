import type { ComputerConditions } from '../../shared/contracts/conditions.ts';

/** Reads conditions from the computer for as long as it is open. */
export interface ConditionsReader {
  /** Calls `changed` with what is new; never throws, never blocks. */
  open(changed: (part: Partial<ComputerConditions>) => void): void;
  close(): void;
}

/** The conditions of one agent: read from the computer, or set by whoever runs a fleet. The core hears of changes only. */
export class ConditionsAdapter {
  readonly #changed: (conditions: ComputerConditions) => void;
  #current: ComputerConditions;
  #reader: ConditionsReader | null = null;
  #isClosed = false;

  constructor(first: ComputerConditions, changed: (conditions: ComputerConditions) => void) {
    this.#current = first;
    this.#changed = changed;
  }

  get current(): ComputerConditions {
    return this.#current;
  }

  /** What the reader says counts until somebody sets something else. */
  follow(reader: ConditionsReader): void {
    if (this.#isClosed) return;
    this.#dropReader();
    this.#reader = reader;
    reader.open((part) => {
      if (this.#reader === reader) this.#take({ ...this.#current, ...part });
    });
  }

  set(conditions: ComputerConditions): void {
    this.#dropReader();
    this.#take(conditions);
  }

  close(): void {
    this.#isClosed = true;
    this.#dropReader();
  }

  #take(conditions: ComputerConditions): void {
    const keys = Object.keys(conditions) as (keyof ComputerConditions)[];
    if (keys.every((key) => this.#current[key] === conditions[key])) return;
    this.#current = conditions;
    if (!this.#isClosed) this.#changed(conditions);
  }

  #dropReader(): void {
    this.#reader?.close();
    this.#reader = null;
  }
}
