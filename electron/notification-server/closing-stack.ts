import type { Logger } from 'pino';

interface Closing {
  readonly what: string;
  readonly close: () => void | Promise<void>;
}

/** A step that hangs must not keep the process: the next ones matter more. */
const maximumStepMs = 5000;

/** What has to be undone, last first; used by an orderly stop and by a start that fails half-way alike. */
export class ClosingStack {
  readonly #logger: Logger;
  readonly #steps: Closing[] = [];

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  add(what: string, close: () => void | Promise<void>): void {
    this.#steps.push({ what, close });
  }

  /** Never rejects: what fails or hangs is logged, and the next step follows. */
  async closeAll(): Promise<void> {
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      const { what, close } = step;
      let timer: NodeJS.Timeout | undefined;
      const deadline = new Promise<never>((_resolve, reject) => {
        timer = setTimeout(() => reject(new Error(`not done after ${maximumStepMs} ms`)), maximumStepMs);
      });
      try {
        await Promise.race([(async () => close())(), deadline]);
      } catch (error) {
        this.#logger.error({ error }, `could not close ${what}`);
      } finally {
        clearTimeout(timer);
      }
    }
  }
}
