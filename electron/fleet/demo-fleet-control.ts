import type { Result } from '../../shared/base/result.ts';
import { err, ok } from '../../shared/base/result.ts';
import type { DemoFleetStatus } from '../../shared/contracts/fleet-api.ts';
import type { DemoFleetOptions } from './demo-fleet.ts';
import { packagePathOf, startDemoFleet } from './demo-fleet.ts';

export interface DemoFleetControlOptions extends Omit<DemoFleetOptions, 'signal'> {
  /** When the delivery is on its way; the signal fires when the fleet is stopped. */
  readonly afterStart?: (signal: AbortSignal) => Promise<void>;
}

/** Starts and stops the demo fleet of a server as often as somebody wants. The server is worth having without it. */
export class DemoFleetControl {
  readonly #options: DemoFleetControlOptions;
  readonly #listeners = new Set<() => void>();
  #phase: DemoFleetStatus['phase'] = 'off';
  #message = '';
  #isProblem = false;
  #cancel = new AbortController();
  #starting: Promise<void> = Promise.resolve();
  #stopping: Promise<void> | null = null;

  constructor(options: DemoFleetControlOptions) {
    this.#options = options;
  }

  status(): Omit<DemoFleetStatus, 'available'> {
    const packagePath = packagePathOf(this.#options);
    return { phase: this.#phase, message: this.#message, isProblem: this.#isProblem, packagePath };
  }

  /** Calls the listener after every change of the status; the returned function ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Begins; how it goes on is in the status. The error says why there is nothing to start. */
  start(): Result<void, string> {
    if (this.#phase === 'stopping') return err('The demo fleet is being stopped. Start it when it is off.');
    if (this.#phase !== 'off') return err('The demo fleet runs already.');
    this.#cancel = new AbortController();
    this.#set('starting', '');
    this.#starting = this.#start(this.#cancel.signal);
    return ok(undefined);
  }

  /** Also in the middle of its start. Resolves when no agent runs any more; bounded by the supervisors' limits. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop().finally(() => {
      this.#stopping = null;
    });
    return this.#stopping;
  }

  async #start(signal: AbortSignal): Promise<void> {
    const { fleet, onProgress, afterStart } = this.#options;
    try {
      await startDemoFleet({
        ...this.#options,
        signal,
        onProgress: (sentence) => {
          onProgress(sentence);
          if (!signal.aborted) this.#set('starting', sentence);
        },
      });
      if (signal.aborted) return;
      this.#set('running', this.#message);
      await afterStart?.(signal);
    } catch (error) {
      if (signal.aborted) return; // stopped in the middle, as it was told
      const reason = error instanceof Error ? error.message : String(error);
      // The agents may run all the same: then there is something to stop.
      const isStarted = fleet.status().running;
      const sentence = isStarted
        ? `The demo fleet has a problem: ${reason}`
        : `The demo fleet did not start: ${reason}`;
      onProgress(sentence);
      this.#set(isStarted ? 'running' : 'off', sentence, true);
    }
  }

  async #stop(): Promise<void> {
    if (this.#phase === 'off') return;
    this.#cancel.abort();
    this.#set('stopping', '');
    // What takes long listens to the signal; the rest must not start agents behind the back of the stop.
    await this.#starting;
    await this.#options.fleet.stop();
    this.#set('off', 'The demo fleet was stopped.');
  }

  #set(phase: DemoFleetStatus['phase'], message: string, isProblem = false): void {
    this.#phase = phase;
    this.#message = message;
    this.#isProblem = isProblem;
    for (const listener of this.#listeners) listener();
  }
}
