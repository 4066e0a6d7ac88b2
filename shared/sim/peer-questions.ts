import type { AgentInput } from '../agent/agent-input.ts';
import type { CommandId, TransferPort } from '../agent/ports.ts';
import type { AgentLife } from './agent-life.ts';
import { routeToPeer } from './peer-route.ts';

type FailureCode = Extract<AgentInput, { readonly kind: 'peerRequestFailed' }>['code'];

/** Short requests to peers, bodies without weight: block maps and probes. */
export class PeerQuestions {
  readonly #life: AgentLife;

  constructor(life: AgentLife) {
    this.#life = life;
  }

  askBlockMap({ commandId, key, peer, timeoutMs }: Parameters<TransferPort['fetchBlockMap']>[0]): void {
    const life = this.#life;
    const startedMs = life.world.time.nowMs;
    this.#begin(commandId, timeoutMs);
    routeToPeer(life, peer, {
      isAbandoned: () => !life.isUnfinished(commandId),
      failed: (code) => this.#fail(commandId, code),
      arrived: (serving) =>
        serving.receive({
          requester: life.computer,
          request: { kind: 'block-map', key },
          maxBytesPerSecond: Number.POSITIVE_INFINITY,
          isAbandoned: () => !life.isUnfinished(commandId),
          refused: ({ code }) => this.#later(() => this.#fail(commandId, code === 'not-available' ? code : 'refused')),
          mapped: ({ mapVersion, blocks }) =>
            this.#later(() => {
              const elapsedMs = life.world.time.nowMs - startedMs;
              life.complete(0, { kind: 'blockMapReceived', commandId, mapVersion, blocks, elapsedMs });
            }),
          sending: (sending) => sending.abandon(),
          sent: () => this.#fail(commandId, 'invalid-answer'),
          broken: () => this.#later(() => this.#fail(commandId, 'refused')),
        }),
    });
  }

  hello({ commandId, peer, timeoutMs }: Parameters<TransferPort['hello']>[0]): void {
    const life = this.#life;
    const startedMs = life.world.time.nowMs;
    this.#begin(commandId, timeoutMs);
    routeToPeer(life, peer, {
      isAbandoned: () => !life.isUnfinished(commandId),
      failed: (code) => this.#fail(commandId, code),
      arrived: () => {
        const other = life.world.computerAt(peer.address, peer.port);
        const bootId = other?.life?.bootId ?? 0;
        const name = other?.name ?? '';
        this.#later(() => {
          const elapsedMs = life.world.time.nowMs - startedMs;
          const agentId = other?.agentId ?? life.computer.agentId;
          life.complete(0, { kind: 'helloAnswered', commandId, agentId, name, bootId, elapsedMs });
        });
      },
    });
  }

  /** Does nothing where the command is not one of these, or complete. */
  cancel(commandId: CommandId): void {
    if (this.#life.isUnfinished(commandId)) this.#fail(commandId, 'aborted');
  }

  #begin(commandId: CommandId, timeoutMs: number): void {
    this.#life.beginCommand(commandId);
    this.#life.speak('a question to a peer');
    this.#life.world.time.after(timeoutMs * 1000, () => this.#fail(commandId, 'timeout'));
  }

  #later(run: () => void): void {
    this.#life.world.time.after(this.#life.world.lanDelayUs(), run);
  }

  #fail(commandId: CommandId, code: FailureCode): void {
    this.#life.complete(0, { kind: 'peerRequestFailed', commandId, code });
  }
}
