import { EventIntake } from '../../../electron/notification-server/agents/event-intake.ts';
import { BlockAnswers } from '../../../electron/notification-server/packages/block-answers.ts';
import type { AgentEvent, EventBatch } from '../../../shared/contracts/agent-events.ts';
import type { ServedBlock } from '../support/target-messages.ts';

type Answer = BlockAnswers['answer'];
type Take = EventIntake['take'];

/** Sees what the server in this process sends and receives, until it is taken off again. */
export class ServerTaps {
  readonly #answer: Answer = BlockAnswers.prototype.answer;
  readonly #take: Take = EventIntake.prototype.take;
  readonly #served: { to: string; key: string; block: number; bytes: number }[] = [];
  readonly #sent = new Map<string, number>();
  readonly #events = new Map<string, string>();
  readonly #onFailure: (text: string) => void;

  constructor(onFailure: (text: string) => void) {
    this.#onFailure = onFailure;
    const answer = this.#answer;
    const take = this.#take;
    const served = this.#served;
    const sent = this.#sent;
    const note = (agentId: string, batch: EventBatch): void => this.#note(agentId, batch);
    BlockAnswers.prototype.answer = function tapped(...[request, response]: Parameters<Answer>) {
      const to = response.req.socket.remoteAddress ?? '';
      const entry = { to, key: String(request.package.key), block: request.block, bytes: 0 };
      served.push(entry);
      const count = (bytes: number): void => {
        entry.bytes += bytes;
        sent.set(entry.key, (sent.get(entry.key) ?? 0) + bytes);
        request.count(bytes);
      };
      return answer.call(this, { ...request, count }, response);
    };
    EventIntake.prototype.take = function tapped(...[record, batch, now]: Parameters<Take>) {
      note(record.agentId, batch);
      return take.call(this, record, batch, now);
    };
  }

  /** Blocks that were sent, and are being sent, since the last call. */
  takeServed(): ServedBlock[] {
    return this.#served.splice(0);
  }

  /** Block bytes of a package, to anybody, since the start. */
  sentBytesOf(key: string): number {
    return this.#sent.get(key) ?? 0;
  }

  get eventCount(): number {
    return this.#events.size;
  }

  remove(): void {
    BlockAnswers.prototype.answer = this.#answer;
    EventIntake.prototype.take = this.#take;
  }

  #note(agentId: string, { installationEpoch, events }: EventBatch): void {
    for (const event of events) this.#noteOne(`${agentId} ${installationEpoch} ${event.sequence}`, event);
  }

  #noteOne(identity: string, event: AgentEvent): void {
    const text = JSON.stringify(event);
    const before = this.#events.get(identity);
    if (before !== undefined && before !== text) this.#onFailure(`event ${identity} was ${before} and is ${text} now`);
    this.#events.set(identity, text);
  }
}
