import type { ConsoleClient } from '../../../electron/fleet/console-client.ts';
import { packageKeyOf } from '../../../shared/base/hashing.ts';
import type { PackageGuid } from '../../../shared/base/ids.ts';
import type { AgentEvent } from '../../../shared/contracts/agent-events.ts';
import type { Policy, PolicyDraft } from '../../../shared/contracts/console-api.ts';
import { ConsoleRequestError } from '../../../shared/contracts/console-request.ts';
import type { TestAgent } from '../../notification-server/support/test-agent.ts';

const key = packageKeyOf('00000000-0000-4000-8000-000000000001' as PackageGuid, '1.0');
const portion = { source: 'peer', reason: 'peer-has-block', agentId: null, bytes: 1, blocks: 1 } as const;

/** An agent that sends events of one byte each, and again what was not acknowledged, as the product's does. */
export class CountingAgent {
  readonly agent: TestAgent;
  /** Events up to here were acknowledged: so many bytes have to be counted. */
  acknowledged = 0;
  /** Events up to here were sent, perhaps in vain. */
  sent = 0;

  constructor(agent: TestAgent) {
    this.agent = agent;
  }

  /** One batch; rejects where the server goes away. Throws where it says that it stored less than it had acknowledged. */
  async sendBatch(size: number): Promise<void> {
    const first = this.acknowledged + 1;
    const last = Math.max(this.sent, this.acknowledged + size);
    this.sent = last;
    const events: AgentEvent[] = [];
    for (let sequence = first; sequence <= last; sequence++) {
      events.push({ kind: 'transferred', sequence, atMs: sequence, key, portions: [portion] });
    }
    const answer = await this.agent.request('/events', { method: 'POST', body: { installationEpoch: 1, events } });
    // Busy with what it writes: as an agent, come again.
    if (answer.status === 503) return;
    if (answer.status !== 200) throw new LostError(`events were answered ${answer.status}: ${answer.body.toString()}`);
    const { acknowledgedSequence } = answer.json() as { acknowledgedSequence: number };
    if (acknowledgedSequence < last) {
      throw new LostError(`${last} events were sent and ${acknowledgedSequence} are stored`);
    }
    this.acknowledged = acknowledgedSequence;
  }
}

/** What must not happen, as against a server that is gone. */
export class LostError extends Error {}

/** An administrator who saves one policy again and again, under a new name each time. */
export class SavingAdministrator {
  #id = '';
  #saved: { readonly version: number; readonly name: string } = { version: 0, name: '' };
  /** Handed in, with an answer that did not come. */
  #unsure: { readonly version: number; readonly name: string } | null = null;

  get saves(): number {
    return this.#saved.version;
  }

  async create(console: ConsoleClient, draft: PolicyDraft): Promise<void> {
    const { id, version, name } = await console.call('createPolicy', { body: draft });
    this.#id = id;
    this.#saved = { version, name };
  }

  /** Rejects where the server goes away. */
  async save(console: ConsoleClient): Promise<void> {
    const { target, settings } = await this.#stored(console);
    const { version } = this.#saved;
    const name = `saved ${version + 1}`;
    this.#unsure = { version: version + 1, name };
    const body = { name, target, settings, version };
    const saved = await console.call('updatePolicy', { params: { id: this.#id }, body }).catch((error: unknown) => {
      if (error instanceof ConsoleRequestError && error.details.code === 'busy') return null;
      throw error;
    });
    if (saved === null) return;
    this.#saved = { version: saved.version, name: saved.name };
    this.#unsure = null;
  }

  /** After a restart: throws `LostError` where what was acknowledged is gone, changed or written down twice. */
  async check(console: ConsoleClient): Promise<void> {
    const { version, name } = await this.#stored(console);
    const candidates = [this.#saved, ...(this.#unsure === null ? [] : [this.#unsure])];
    if (!candidates.some((candidate) => candidate.version === version && candidate.name === name)) {
      const expected = candidates.map((candidate) => `${candidate.version} "${candidate.name}"`).join(' or ');
      throw new LostError(`the policy has version ${version} "${name}" instead of ${expected}`);
    }
    const names = (await console.call('audit', {}))
      .filter(({ action }) => action === 'update-policy')
      .map(({ after }) => (after as { name: string }).name);
    const expected = names.map((_name, index) => `saved ${version - index}`);
    if (names.join() !== expected.join()) {
      throw new LostError(`the audit trail has ${names.slice(0, 5).join(', ')} … for version ${version}`);
    }
    this.#saved = { version, name };
    this.#unsure = null;
  }

  async #stored(console: ConsoleClient): Promise<Policy> {
    const found = (await console.call('policies', {})).find(({ id }) => id === this.#id);
    if (found === undefined) throw new LostError('the policy is gone');
    return found;
  }
}
