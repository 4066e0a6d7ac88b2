import type { TransferFailure } from '../agent/agent-input.ts';
import type { BlockSource, CommandId, PeerEndpoint, ProbeTarget, ServingAnswer, TransferPort } from '../agent/ports.ts';
import type { PackageKey } from '../base/ids.ts';
import type { Ipv4 } from '../base/ipv4.ts';
import { parseIpv4 } from '../base/ipv4.ts';
import { blockLengthBytes } from '../base/units.ts';
import type { Codebase } from '../contracts/agent-api.ts';
import type { AgentLife } from './agent-life.ts';
import type { BlockSending } from './block-sending.ts';
import type { Computer } from './computer.ts';
import type { NotificationServer } from './notification-server.ts';
import { PeerQuestions } from './peer-questions.ts';
import { hears, routeToPackageServer, routeToPeer } from './peer-route.ts';
import type { IncomingRequest } from './simulated-serving.ts';

/** A fetch tells how far it is at most so often. */
const progressSpacingUs = 1_000_000;

type FetchCommand = Parameters<TransferPort['fetchBlock']>[0];

/** What a fetch needs of the world. */
interface FetchPlace {
  readonly life: AgentLife;
  readonly server: NotificationServer;
}

/** What fetches tell whoever keeps them. */
interface FetchWatch {
  receiving(): void;
  ended(commandId: CommandId): void;
}

/** One block being fetched, from the request until it is durable. */
class Fetch {
  readonly #place: FetchPlace;
  readonly #command: FetchCommand;
  readonly #watch: FetchWatch;
  readonly #startedUs: number;
  #sending: BlockSending | null = null;
  #maxBytesPerSecond: number;
  #isOver = false;
  #hasAllBytes = false;
  #reportedBytes = 0;

  constructor(place: FetchPlace, command: FetchCommand, watch: FetchWatch) {
    this.#place = place;
    this.#command = command;
    this.#watch = watch;
    this.#startedUs = place.life.world.time.nowUs;
    this.#maxBytesPerSecond = command.maxBytesPerSecond;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  setRate(bytesPerSecond: number): void {
    this.#maxBytesPerSecond = bytesPerSecond;
    this.#sending?.setReceiverRate(bytesPerSecond);
  }

  cancel(unlessHalfDone: boolean): void {
    const isHalfDone = this.#hasAllBytes || (this.#sending !== null && this.#receivedBytes() * 2 >= this.#blockBytes());
    if (unlessHalfDone && isHalfDone) return;
    this.fail({ code: 'aborted' }, 0);
  }

  /** The process is gone. */
  drop(): void {
    this.#isOver = true;
    this.#sending?.abandon();
  }

  request(): void {
    const { server } = this.#place;
    const { source } = this.#command;
    if (source.kind === 'peer') this.#requestFromPeer(source.peer);
    else if (source.codebase.source !== 'notification-server') this.#requestFromPackageServer(source.codebase);
    else server.receiveBlockRequest({ ...this.#requesterEnd(), key: this.#command.key, block: this.#command.block });
  }

  fail(failure: TransferFailure, delayUs: number): void {
    if (this.#isOver) return;
    const receivedBytes = this.#receivedBytes();
    this.#finish();
    this.#sending?.abandon();
    const { commandId } = this.#command;
    this.#place.life.complete(delayUs, { kind: 'transferFailed', commandId, failure, receivedBytes });
  }

  #requestFromPeer(peer: PeerEndpoint): void {
    const { key, block } = this.#command;
    routeToPeer(this.#place.life, peer, this.#waysToAgent({ request: { kind: 'block', key, block } }));
  }

  #requestFromPackageServer({ url, certificateName }: Codebase): void {
    const { life, server } = this.#place;
    const { key, block } = this.#command;
    const manifest = life.computer.disk.find(key)?.manifest;
    const place = placeOfUrl(url);
    if (manifest === undefined || place === null) {
      this.fail({ code: 'refused', detail: 'no such place' }, 0);
      return;
    }
    const { guid, version } = manifest;
    const ways = this.#waysToAgent({
      request: { kind: 'content', key, guid, version, block },
      noteOverWan: (from) => server.ledger.noteRequest(life.computer, key, block, from),
      sentOverWan: (from, bytes) => server.ledger.noteSent(life.computer, key, block, bytes, from),
    });
    routeToPackageServer(life, certificateName, place, ways);
  }

  /** What becomes of a request that an agent serves. */
  #waysToAgent(
    asked: Pick<IncomingRequest, 'request' | 'noteOverWan' | 'sentOverWan'>,
  ): Parameters<typeof routeToPeer>[2] {
    return {
      isAbandoned: () => this.#isOver,
      failed: (code) =>
        this.fail(code === 'identity-mismatch' ? { code } : { code: 'refused', detail: `connection ${code}` }, 0),
      arrived: (serving) =>
        serving.receive({
          ...this.#requesterEnd(),
          ...asked,
          mapped: () => this.#refusedLater({ code: 'refused', detail: 'a block map instead of a block' }),
          refused: (refusal) => this.#refusedLater(failureOf(refusal)),
        }),
    };
  }

  #requesterEnd() {
    const { life } = this.#place;
    return {
      requester: life.computer,
      maxBytesPerSecond: this.#maxBytesPerSecond,
      isAbandoned: () => this.#isOver,
      sending: (sending: BlockSending) => {
        this.#sending = sending;
        sending.setReceiverRate(this.#maxBytesPerSecond);
        this.#watch.receiving();
      },
      sent: (isCorrupt: boolean) => this.#verify(isCorrupt),
      broken: () => this.#refusedLater({ code: 'refused', detail: 'connection reset' }),
      refusedByServer: (failure: TransferFailure) => this.fail(failure, 0),
    };
  }

  /** An answer takes its way back, and gets lost where there is none. */
  #refusedLater(failure: TransferFailure): void {
    const { life } = this.#place;
    const { source } = this.#command;
    const place = source.kind === 'peer' ? source.peer : placeOfUrl(source.codebase.url);
    const other = place === null ? null : life.world.computerAt(place.address, place.port);
    const isNear = other !== null && (source.kind === 'peer' || other.subnet.site === life.computer.subnet.site);
    const delayUs = isNear ? life.world.lanDelayUs() : life.world.wanDelayUs();
    life.world.time.after(delayUs, () => {
      const reaches = (at: Computer) =>
        source.kind === 'peer' ? life.computer.reaches(at) : life.computer.reachesServing(at);
      const isReachable = other === null ? life.computer.reachesServer : reaches(other);
      if (isReachable) this.fail(failure, 0);
    });
  }

  #verify(isCorrupt: boolean): void {
    if (this.#isOver) return;
    this.#hasAllBytes = true;
    const { life } = this.#place;
    life.world.time.after(life.world.network.storeDelayUs, () => {
      if (this.#isOver) return;
      if (isCorrupt) this.#refuseDamaged();
      else this.#store();
    });
  }

  #refuseDamaged(): void {
    const { life } = this.#place;
    const { source } = this.#command;
    const peer = source.kind === 'peer' ? life.world.computerAt(source.peer.address, source.peer.port) : null;
    if (peer !== null) life.noteDamagedBlock(peer);
    this.fail({ code: 'hash-mismatch' }, 0);
  }

  /** The bit is set in the same moment in which the core learns of it, or never if the process dies just before. */
  #store(): void {
    const { life } = this.#place;
    const { key, block, commandId } = this.#command;
    const stored = life.computer.disk.find(key);
    if (stored?.isOpen !== true) {
      this.fail({ code: 'disk-error', detail: 'the package is not open' }, 0);
      return;
    }
    if (life.computer.disk.facts.freeBytes < this.#blockBytes()) {
      this.fail({ code: 'disk-full' }, 0);
      return;
    }
    stored.blocks.add(block);
    life.world.blockStored(life.computer, key, block);
    this.#finish();
    const elapsedMs = (life.world.time.nowUs - this.#startedUs) / 1000;
    life.complete(0, { kind: 'blockStored', commandId, bytes: this.#blockBytes(), elapsedMs });
  }

  /** When it fails unless a byte comes before; Infinity where all are here. */
  get idleAtUs(): number {
    if (this.#isOver || this.#hasAllBytes) return Number.POSITIVE_INFINITY;
    return (this.#sending?.lastMovedUs ?? this.#startedUs) + this.#command.idleTimeoutMs * 1000;
  }

  /** Bytes are on their way here. */
  get isReceiving(): boolean {
    return this.#sending !== null && !this.#isOver && !this.#hasAllBytes;
  }

  tellProgress(): void {
    if (!this.isReceiving) return;
    const receivedBytes = this.#receivedBytes();
    if (receivedBytes <= this.#reportedBytes) return;
    this.#reportedBytes = receivedBytes;
    const { commandId } = this.#command;
    this.#place.life.deliver({ kind: 'transferProgressed', commandId, receivedBytes });
  }

  #receivedBytes(): number {
    return this.#sending?.sentBytes ?? 0;
  }

  #blockBytes(): number {
    const manifest = this.#place.life.computer.disk.find(this.#command.key)?.manifest;
    return manifest === undefined
      ? 0
      : blockLengthBytes(this.#command.block, manifest.totalSizeBytes, manifest.blockSizeBytes);
  }

  #finish(): void {
    this.#isOver = true;
    this.#watch.ended(this.#command.commandId);
  }
}

/** Fetches of one agent: the block's bytes are only counted, what happens to them is decided as on a real computer. */
export class SimulatedTransfers implements TransferPort {
  readonly #place: FetchPlace;
  readonly #questions: PeerQuestions;
  readonly #fetches = new Map<CommandId, Fetch>();
  readonly #watch: FetchWatch = {
    receiving: () => this.#lookAtProgressSoon(),
    ended: (commandId) => this.#fetches.delete(commandId),
  };
  /** One event for all of them, where each of its own would be most of what a simulation does. */
  #isProgressLookDue = false;
  #idleLookAtUs = Number.POSITIVE_INFINITY;

  constructor(life: AgentLife, server: NotificationServer) {
    this.#place = { life, server };
    this.#questions = new PeerQuestions(life);
    life.onEnd(() => {
      for (const running of this.#fetches.values()) running.drop();
    });
  }

  fetchBlock(command: FetchCommand): void {
    const { life } = this.#place;
    const { commandId } = command;
    life.beginCommand(commandId);
    life.speak('a block request');
    this.#checkSource(command.source);
    const running = new Fetch(this.#place, command, this.#watch);
    this.#fetches.set(commandId, running);
    this.#lookForIdleAt(running.idleAtUs);
    if (this.#checkOpen(command.key)) running.request();
    else running.fail({ code: 'disk-error', detail: 'the package is not open' }, 0);
  }

  setRate(commandId: CommandId, maxBytesPerSecond: number): void {
    this.#fetches.get(commandId)?.setRate(maxBytesPerSecond);
  }

  cancel(commandId: CommandId, unlessHalfDone: boolean): void {
    const running = this.#fetches.get(commandId);
    if (running === undefined) this.#questions.cancel(commandId);
    else running.cancel(unlessHalfDone);
  }

  fetchBlockMap(command: Parameters<TransferPort['fetchBlockMap']>[0]): void {
    this.#checkPeer(command.peer);
    this.#questions.askBlockMap(command);
  }

  hello(command: Parameters<TransferPort['hello']>[0]): void {
    this.#checkPeer(command.peer);
    this.#questions.hello(command);
  }

  #lookAtProgressSoon(): void {
    if (this.#isProgressLookDue) return;
    this.#isProgressLookDue = true;
    this.#place.life.world.time.after(progressSpacingUs, () => {
      this.#isProgressLookDue = false;
      const receiving = [...this.#fetches.values()].filter((running) => running.isReceiving);
      if (receiving.length > 0) this.#lookAtProgressSoon();
      for (const running of receiving) running.tellProgress();
    });
  }

  #lookForIdleAt(atUs: number): void {
    if (atUs >= this.#idleLookAtUs) return;
    const { time } = this.#place.life.world;
    this.#idleLookAtUs = atUs;
    time.at(atUs, () => {
      if (time.nowUs < this.#idleLookAtUs) return;
      this.#idleLookAtUs = Number.POSITIVE_INFINITY;
      for (const running of [...this.#fetches.values()]) {
        if (running.idleAtUs <= time.nowUs) running.fail({ code: 'timeout' }, 0);
        else this.#lookForIdleAt(running.idleAtUs);
      }
    });
  }

  #checkOpen(key: PackageKey): boolean {
    const { computer, world } = this.#place.life;
    const isOpen = computer.disk.find(key)?.isOpen === true;
    world.violations.check(isOpen, 'package-open', computer.name, () => `fetch for ${key}, which is not open`);
    return isOpen;
  }

  #checkSource(source: BlockSource): void {
    if (source.kind === 'peer') this.#checkPeer(source.peer);
  }

  #checkPeer(peer: ProbeTarget): void {
    const { life } = this.#place;
    const other: Computer | null = life.world.computerAt(peer.address, peer.port);
    life.world.violations.check(
      hears(life, peer.address),
      'isolation',
      life.computer.name,
      () => `asked ${other?.name ?? ''} in another subnet`,
    );
  }
}

/** Null where it is no address of a computer. */
function placeOfUrl(url: string): { readonly address: Ipv4; readonly port: number } | null {
  const match = /^https:\/\/([\d.]+):(\d+)\//.exec(url);
  const address = parseIpv4(match?.[1] ?? '');
  return address === null ? null : { address, port: Number(match?.[2]) };
}

function failureOf(refusal: {
  readonly code: Extract<ServingAnswer, { readonly kind: 'refuse' }>['code'];
  readonly retryAfterMs: number;
  readonly others: readonly PeerEndpoint[];
}): TransferFailure {
  const { code, retryAfterMs, others } = refusal;
  switch (code) {
    case 'busy':
    case 'block-busy':
    case 'installing':
    case 'not-serving':
      return { code, retryAfterMs, others };
    case 'not-available':
      return { code };
    default:
      return { code: 'refused', detail: code };
  }
}
