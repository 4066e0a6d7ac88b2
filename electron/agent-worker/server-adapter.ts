import type { KeyObject } from 'node:crypto';
import type { AgentInput } from '../../shared/agent/agent-input.ts';
import type { CommandId, ServerPort } from '../../shared/agent/ports.ts';
import { packageKeyOf } from '../../shared/base/hashing.ts';
import type { PackageGuid } from '../../shared/base/ids.ts';
import { parseIpv4 } from '../../shared/base/ipv4.ts';
import type { AgentConfiguration } from '../../shared/contracts/agent-api.ts';
import {
  agentConfigurationSchema,
  codebasesAnswerSchema,
  subnetHintsAnswerSchema,
} from '../../shared/contracts/agent-api.ts';
import type { AgentEvent, EventBatch } from '../../shared/contracts/agent-events.ts';
import { eventBatchAnswerSchema } from '../../shared/contracts/agent-events.ts';
import type { LiveReport } from '../../shared/contracts/agent-feed.ts';
import type { AgentDiagnostics } from '../../shared/contracts/diagnostics.ts';
import { messageOf } from './agent-failure.ts';
import type { BlockStore } from './block-store.ts';
import type { ConfigurationCache } from './configuration-cache.ts';
import type { FeedConnection } from './feed-connection.ts';
import type { HttpLog } from './http-log.ts';
import type { SequenceReserve } from './sequence-reserve.ts';
import type { ServerConnection } from './server-connection.ts';
import type { ServerTime } from './server-time.ts';
import { checkSnapshot } from './signed-snapshot.ts';

type ServerFailureCode = Extract<AgentInput, { kind: 'serverFailed' }>['code'];

export interface ServerAdapterOptions {
  readonly connection: ServerConnection;
  readonly feed: FeedConnection;
  readonly httpLog: HttpLog;
  readonly cache: ConfigurationCache;
  readonly store: BlockStore;
  readonly snapshotKey: KeyObject;
  readonly serverTime: ServerTime;
  readonly sequences: SequenceReserve;
  readonly installationEpoch: number;
  /** Before the core hears of it: keys, subnets and ports of the other adapters. */
  readonly onConfiguration: (configuration: AgentConfiguration) => void;
  readonly push: (input: AgentInput) => void;
}

class ServerCommandFailure extends Error {
  readonly code: ServerFailureCode;

  constructor(code: ServerFailureCode, detail: string) {
    super(detail);
    this.code = code;
  }
}

/** Server port over HTTPS and the feed: every command is answered once, with what the server said or why it did not. */
export class ServerAdapter implements ServerPort {
  readonly #options: ServerAdapterOptions;
  readonly #running = new Set<Promise<void>>();

  constructor(options: ServerAdapterOptions) {
    this.#options = options;
  }

  fetchConfiguration(commandId: CommandId): void {
    this.#run(commandId, async () => {
      const { cache, serverTime, onConfiguration } = this.#options;
      const headers: Record<string, string> = cache.etag === null ? {} : { 'if-none-match': cache.etag };
      const { status, etag, body } = await this.#request('GET', '/configuration', { headers });
      if (status === 304) {
        await cache.write();
        return { kind: 'serverAnswered', commandId };
      }
      const parsed = agentConfigurationSchema.safeParse(body);
      if (!parsed.success)
        throw new ServerCommandFailure('refused', 'the configuration has another form than expected');
      onConfiguration(parsed.data);
      await cache.keep(parsed.data, etag ?? '', serverTime.offsetMs);
      return { kind: 'configurationReceived', commandId, configuration: parsed.data };
    });
  }

  fetchSnapshot(commandId: CommandId, guid: PackageGuid, version: string): void {
    this.#run(commandId, async () => {
      const { store, snapshotKey } = this.#options;
      const known = store.find(packageKeyOf(guid, version));
      if (known !== undefined) return { kind: 'snapshotReceived', commandId, manifest: known.manifest };
      const { body } = await this.#request('GET', `/packages/${guid}/${version}/snapshot`);
      const checked = checkSnapshot(body, snapshotKey);
      if (!checked.ok) throw new ServerCommandFailure('invalid-snapshot', checked.detail);
      if (checked.snapshot.guid !== guid || checked.snapshot.version !== version) {
        throw new ServerCommandFailure('invalid-snapshot', 'the snapshot is of another package');
      }
      const stored = await store.keepSnapshot(checked.snapshot, checked.signed);
      return { kind: 'snapshotReceived', commandId, manifest: stored.manifest };
    });
  }

  fetchCodebases(commandId: CommandId, guid: PackageGuid, version: string): void {
    this.#run(commandId, async () => {
      const { body } = await this.#request('GET', `/packages/${guid}/${version}/codebases`);
      const parsed = codebasesAnswerSchema.safeParse(body);
      if (!parsed.success) throw new ServerCommandFailure('refused', 'the codebases have another form than expected');
      return { kind: 'codebasesReceived', commandId, codebases: parsed.data.codebases };
    });
  }

  fetchSubnetHints(commandId: CommandId): void {
    this.#run(commandId, async () => {
      const { body } = await this.#request('GET', '/additional-subnets');
      const parsed = subnetHintsAnswerSchema.safeParse(body);
      if (!parsed.success) throw new ServerCommandFailure('refused', 'the hints have another form than expected');
      const peers = parsed.data.agents.flatMap(({ agentId, address: text, port }) => {
        const address = parseIpv4(text);
        return address === null ? [] : [{ agentId, address, port }];
      });
      return { kind: 'subnetHintsReceived', commandId, peers };
    });
  }

  sendEvents(commandId: CommandId, events: readonly AgentEvent[]): void {
    const { sequences, installationEpoch } = this.#options;
    const last = events.at(-1)?.sequence ?? 0;
    sequences.used('events', last);
    this.#run(commandId, async () => {
      const batch: EventBatch = { installationEpoch, events: [...events] };
      const { body } = await this.#request('POST', '/events', { body: batch });
      const parsed = eventBatchAnswerSchema.safeParse(body);
      if (!parsed.success || parsed.data.acknowledgedSequence < last) {
        throw new ServerCommandFailure('unreachable', 'the server did not acknowledge all events');
      }
      return { kind: 'serverAnswered', commandId };
    });
  }

  sendLiveReport(report: LiveReport): void {
    this.#options.feed.send({ kind: 'live', report });
  }

  sendDiagnostics(report: AgentDiagnostics): void {
    const { feed, httpLog } = this.#options;
    feed.send({ kind: 'diagnostics', report: { ...report, httpLog: [...httpLog.latest] } });
  }

  tellOutboundUse(): void {
    this.#options.feed.send({ kind: 'outbound-use' });
  }

  tellInboundUse(siteId: string): void {
    this.#options.feed.send({ kind: 'inbound-use', siteId });
  }

  /** Resolves when no command is under way. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  async #request(...parameters: Parameters<ServerConnection['request']>) {
    const answer = await this.#options.connection.request(...parameters);
    if (answer.kind === 'failed') throw new ServerCommandFailure(answer.code, answer.detail);
    return answer;
  }

  #run(commandId: CommandId, command: () => Promise<AgentInput>): void {
    const run = command()
      .catch((error: unknown): AgentInput => {
        // Everything that is no answer of the server is a failure of the own disk: the snapshot or the cache.
        const code = error instanceof ServerCommandFailure ? error.code : 'disk-error';
        return { kind: 'serverFailed', commandId, code, detail: messageOf(error) };
      })
      .then(this.#options.push);
    this.#running.add(run);
    void run.finally(() => this.#running.delete(run));
  }
}
