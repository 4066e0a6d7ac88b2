import { performance } from 'node:perf_hooks';
import type { AgentInput } from '../../shared/agent/agent-input.ts';
import type { BlockSource, CommandId, PeerEndpoint, ProbeTarget, TransferPort } from '../../shared/agent/ports.ts';
import { assert } from '../../shared/base/assert.ts';
import { BlockSet } from '../../shared/base/block-set.ts';
import type { AgentId, PackageKey } from '../../shared/base/ids.ts';
import { agentCertificateName } from '../../shared/base/ids.ts';
import { formatIpv4 } from '../../shared/base/ipv4.ts';
import { peerBlockMapSchema, peerHelloSchema } from '../../shared/contracts/peer-api.ts';
import { BlockFetch } from './block-fetch.ts';
import type { BlockStore } from './block-store.ts';
import type { ExchangePool, Remote } from './exchange-pool.ts';
import type { JsonAnswer } from './json-request.ts';
import { requestJson } from './json-request.ts';
import { LinePace } from './line-pace.ts';
import { PaceGroup } from './pace-group.ts';
import type { StoredPackage } from './stored-package.ts';

type PeerRequestFailure = Extract<AgentInput, { kind: 'peerRequestFailed' }>['code'];

/** A package has at most a million blocks (contracts/snapshot.ts). */
const maxBlockCount = 1_000_000;

/** The longest answer that is no block is a block map of 8,192 ranges. */
const maxAnswerBytes = 1024 * 1024;

/** Blocks that share a limit end together, and nothing comes while all of them are being synced to disk. */
const receivingBurstSeconds = 0.25;

/** Transfer port over HTTP/1.1 and mutual TLS 1.3. How many fetches run at a time is the core's to bound. */
export class TransferAdapter implements TransferPort {
  readonly #store: BlockStore;
  readonly #pool: ExchangePool;
  readonly #push: (input: AgentInput) => void;
  readonly #line: LinePace;
  readonly #fetches = new Map<CommandId, BlockFetch>();
  /** The two limits of a policy: general throttling is for servers, maximum download bandwidth for peers. */
  readonly #paceGroups = {
    codebase: new PaceGroup({ burstSeconds: receivingBurstSeconds }),
    peer: new PaceGroup({ burstSeconds: receivingBurstSeconds }),
  };
  readonly #closing = new AbortController();

  constructor(store: BlockStore, pool: ExchangePool, push: (input: AgentInput) => void, line = new LinePace()) {
    this.#store = store;
    this.#pool = pool;
    this.#push = push;
    this.#line = line;
  }

  fetchBlock(command: Parameters<TransferPort['fetchBlock']>[0]): void {
    const { commandId, key, block, source, maxBytesPerSecond, idleTimeoutMs } = command;
    const stored = this.#store.find(key);
    if (stored === undefined) {
      const failure = { code: 'disk-error', detail: 'the package is not in the store' } as const;
      this.#push({ kind: 'transferFailed', commandId, failure, receivedBytes: 0 });
      return;
    }
    assert(block >= 0 && block < stored.manifest.blockCount, `block ${block} of ${stored.manifest.blockCount}`);
    const location = locationOf(source, stored, block);
    const turnName = location.remote.servername;
    const limit = this.#paceGroups[source.kind].join(maxBytesPerSecond, turnName);
    const fetch = new BlockFetch({
      commandId,
      stored,
      block,
      ...location,
      idleTimeoutMs,
      pool: this.#pool,
      pace: this.#line.join(limit, turnName),
      push: this.#push,
      onEnd: () => this.#fetches.delete(commandId),
    });
    this.#fetches.set(commandId, fetch);
    fetch.start();
  }

  setRate(commandId: CommandId, maxBytesPerSecond: number): void {
    this.#fetches.get(commandId)?.setRate(maxBytesPerSecond);
  }

  cancel(commandId: CommandId, unlessHalfDone: boolean): void {
    this.#fetches.get(commandId)?.cancel(unlessHalfDone);
  }

  fetchBlockMap(command: Parameters<TransferPort['fetchBlockMap']>[0]): void {
    void this.#fetchBlockMap(command.commandId, command.key, command.peer, command.timeoutMs);
  }

  hello(command: Parameters<TransferPort['hello']>[0]): void {
    void this.#hello(command.commandId, command.peer, command.timeoutMs);
  }

  /** They were revoked: connections to them end, and what is under way over them fails. */
  dropAgents(agentIds: readonly AgentId[]): void {
    for (const agentId of agentIds) this.#pool.drop(agentCertificateName(agentId));
  }

  close(): void {
    this.#closing.abort();
    for (const fetch of [...this.#fetches.values()]) fetch.close();
    this.#pool.close();
  }

  async #fetchBlockMap(commandId: CommandId, key: PackageKey, peer: PeerEndpoint, timeoutMs: number): Promise<void> {
    const stored = this.#store.find(key);
    if (stored === undefined) {
      this.#failPeerRequest(commandId, 'not-available');
      return;
    }
    const { guid, version, blockCount } = stored.manifest;
    const startedAtMs = performance.now();
    const answer = await this.#ask(peer, 'GET', `/peer/v1/packages/${guid}/${version}/blocks`, timeoutMs);
    const problem = problemOf(answer);
    const body = answer.kind === 'answer' ? peerBlockMapSchema.safeParse(answer.body) : null;
    if (problem !== null) {
      this.#failPeerRequest(commandId, problem);
    } else if (!body?.success || body.data.blockCount !== blockCount || blockCount > maxBlockCount) {
      this.#failPeerRequest(commandId, 'invalid-answer');
    } else {
      const blocks = BlockSet.fromRanges(blockCount, body.data.ranges);
      const elapsedMs = performance.now() - startedAtMs;
      this.#push({ kind: 'blockMapReceived', commandId, mapVersion: body.data.epoch, blocks, elapsedMs });
    }
  }

  async #hello(commandId: CommandId, peer: ProbeTarget, timeoutMs: number): Promise<void> {
    const startedAtMs = performance.now();
    const answer = await this.#ask(peer, 'POST', '/peer/v1/hello', timeoutMs);
    const problem = problemOf(answer);
    const body = answer.kind === 'answer' ? peerHelloSchema.safeParse(answer.body) : null;
    if (problem !== null) {
      this.#failPeerRequest(commandId, problem);
    } else if (!body?.success) {
      this.#failPeerRequest(commandId, 'invalid-answer');
    } else if (peer.agentId !== null && body.data.agentId !== peer.agentId) {
      this.#failPeerRequest(commandId, 'identity-mismatch');
    } else {
      const { agentId, name, bootId } = body.data;
      const elapsedMs = performance.now() - startedAtMs;
      this.#push({ kind: 'helloAnswered', commandId, agentId, name, bootId, elapsedMs });
    }
  }

  #ask(peer: ProbeTarget, method: 'GET' | 'POST', path: string, timeoutMs: number): Promise<JsonAnswer> {
    const servername = peer.agentId === null ? null : agentCertificateName(peer.agentId);
    const remote = { hostname: formatIpv4(peer.address), port: peer.port, servername };
    const request = method === 'POST' ? { remote, method, path, body: '{}' } : { remote, method, path };
    return requestJson(this.#pool, request, { maxAnswerBytes, timeoutMs, signal: this.#closing.signal });
  }

  #failPeerRequest(commandId: CommandId, code: PeerRequestFailure): void {
    this.#push({ kind: 'peerRequestFailed', commandId, code });
  }
}

function remoteOfPeer(peer: PeerEndpoint): Remote {
  return { hostname: formatIpv4(peer.address), port: peer.port, servername: agentCertificateName(peer.agentId) };
}

function locationOf(source: BlockSource, stored: StoredPackage, block: number): { remote: Remote; path: string } {
  const { guid, version } = stored.manifest;
  const path = `/packages/${guid}/${version}/blocks/${block}`;
  if (source.kind === 'peer') return { remote: remoteOfPeer(source.peer), path: `/peer/v1${path}` };
  const url = new URL(source.codebase.url);
  const port = url.port === '' ? 443 : Number(url.port);
  const remote = { hostname: url.hostname, port, servername: source.codebase.certificateName };
  return { remote, path: `${url.pathname.replace(/\/$/, '')}${path}` };
}

function problemOf(answer: JsonAnswer): PeerRequestFailure | null {
  if (answer.kind === 'failed') return answer.code === 'unreachable' ? 'refused' : answer.code;
  const { status } = answer.head;
  if (status === 200) return null;
  if (status === 403) return 'outside-subnets';
  return status === 404 ? 'not-available' : 'refused';
}
