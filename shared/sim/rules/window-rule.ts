import type { AgentInput } from '../../agent/agent-input.ts';
import type { DatagramMessage } from '../../agent/datagram-message.ts';
import type { CommandId, TransferPort } from '../../agent/ports.ts';
import type { AgentId, PackageKey } from '../../base/ids.ts';
import type { FetchCommand, PortWatch } from './port-watch.ts';
import type { WatchedLife } from './watched-life.ts';

/** Docs: a lane is at most this far ahead of all others – a share of the package, at least two blocks and at most sixteen. */
export function windowBlocks(blockCount: number): number {
  return Math.max(2, Math.min(Math.floor(blockCount / 32), 16));
}

/** The limit lifts when nobody has asked for anything for the HTTP request timeout, which is longer than this. */
const freshMs = 4000;

/** While somebody follows, a lane holds no more than its window that no other computer has verified, in flight included. */
export class WindowRule implements PortWatch {
  readonly #watched: WatchedLife;
  /** When a peer last asked for a block, and has said since that it does not fetch, or has all: then it is none. */
  readonly #askedAtMs = new Map<PackageKey, Map<AgentId, number>>();

  /** Questions for a block map that are under way: who does not answer one is not there, as far as the agent can know. */
  readonly #questions = new Map<CommandId, AgentId>();

  constructor(watched: WatchedLife) {
    this.#watched = watched;
  }

  heard(input: AgentInput): void {
    if (input.kind === 'interfacesChanged') this.#askedAtMs.clear();
    if (input.kind === 'servingRequested' && input.request.kind === 'block') {
      const asked = this.#askedAtMs.get(input.request.key) ?? new Map<AgentId, number>();
      this.#askedAtMs.set(input.request.key, asked);
      asked.set(input.peer, this.#watched.nowMs);
    } else if (input.kind === 'datagramReceived') this.#heardMessage(input.sender, input.message);
    else if (input.kind === 'blockMapReceived') this.#questions.delete(input.commandId);
    else if (input.kind === 'peerRequestFailed') this.#questionFailed(input.commandId, input.code !== 'not-available');
  }

  asksForMap({ commandId, peer }: Parameters<TransferPort['fetchBlockMap']>[0]): void {
    this.#questions.set(commandId, peer.agentId);
  }

  fetches({ key, block, source }: FetchCommand): void {
    if (source.kind === 'peer' || source.codebase.source === 'package-server-own-site') return;
    const { life, verified, fetching } = this.#watched;
    const { computer } = life;
    const stored = computer.disk.find(key);
    if (stored === null || computer.isPackageServer || !this.#isFollowed(key)) return;
    if (this.#watched.mayGoAlone(key) || this.#watched.servesNobody(key)) return;
    const ahead = new Set([block]);
    for (const command of fetching.values()) {
      if (command.key === key && command.source.kind === 'codebase') ahead.add(command.block);
    }
    for (const [first, end] of stored.blocks.ranges()) {
      for (let held = first; held < end; held++) if (!verified.isElsewhere(computer, key, held)) ahead.add(held);
    }
    const most = windowBlocks(stored.manifest.blockCount);
    this.#watched.check(ahead.size <= most, 'lane-window', () => `${ahead.size} blocks ahead of all, ${most} may be`);
  }

  #questionFailed(commandId: CommandId, isUnanswered: boolean): void {
    const peer = this.#questions.get(commandId);
    this.#questions.delete(commandId);
    if (peer === undefined || !isUnanswered) return;
    for (const asked of this.#askedAtMs.values()) asked.delete(peer);
  }

  #heardMessage(sender: AgentId, message: DatagramMessage): void {
    if (message.kind === 'byebye') for (const asked of this.#askedAtMs.values()) asked.delete(sender);
    if (message.kind !== 'blocks') return;
    const blocks = message.ranges.reduce((sum, [first, end]) => sum + end - first, 0);
    if (!message.isFetching || blocks === message.blockCount) this.#askedAtMs.get(message.key)?.delete(sender);
  }

  /** By one that lives, is no Package Server and whose words count. */
  #isFollowed(key: PackageKey): boolean {
    const { life, nowMs } = this.#watched;
    for (const [agentId, askedAtMs] of this.#askedAtMs.get(key) ?? []) {
      if (nowMs - askedAtMs > freshMs || this.#watched.distrusts(agentId, key)) continue;
      const follower = life.computer.subnet.computers.find((computer) => computer.agentId === agentId);
      if (follower?.life !== null && follower?.isPackageServer === false) return true;
    }
    return false;
  }
}
