import { messageOf } from './agent-failure.ts';
import type { AgentOptions } from './agent-runtime.ts';
import type { InputQueue } from './input-queue.ts';
import type { LocalParts } from './local-parts.ts';
import { policyPortOf } from './local-parts.ts';

/**
 * Follows the policy's *TCP/UDP port* while the agent runs: the hearing socket where the launcher has fixed none, and the
 * own sockets too where they had that port from the beginning. A port that cannot be had changes nothing.
 */
export class PolicyPorts {
  readonly #options: AgentOptions;
  readonly #parts: LocalParts;
  readonly #queue: InputQueue;
  readonly #ownFollows: boolean;
  #own: number;
  #lastMove: Promise<void> = Promise.resolve();

  constructor(options: AgentOptions, parts: LocalParts, queue: InputQueue) {
    this.#options = options;
    this.#parts = parts;
    this.#queue = queue;
    this.#own = options.port;
    this.#ownFollows = options.hearingPort === null && options.port === policyPortOf(parts.cache);
  }

  /** TCP and UDP, now. */
  get own(): number {
    return this.#own;
  }

  follow(policyPort: number): void {
    if (this.#options.hearingPort !== null) return;
    this.#lastMove = this.#lastMove
      .then(() => this.#move(policyPort))
      .catch((error: unknown) => {
        const fields = { port: policyPort, reason: messageOf(error) };
        this.#options.logger.error(fields, 'the port of the policy cannot be used, the old one stays');
      });
  }

  async #move(policyPort: number): Promise<void> {
    const { datagrams, serving, ownInterface } = this.#parts;
    await datagrams.hearAt(policyPort);
    if (!this.#ownFollows || policyPort === this.#own) return;
    await datagrams.moveTo(policyPort);
    serving.moveTo(policyPort);
    this.#own = policyPort;
    this.#queue.push({ kind: 'interfacesChanged', interfaces: [{ ...ownInterface, port: policyPort }] });
  }
}
