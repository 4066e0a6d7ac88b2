import type { AgentInput, ServingRequest } from '../../agent/agent-input.ts';
import type { DatagramMessage } from '../../agent/datagram-message.ts';
import type { ServingAnswer } from '../../agent/ports.ts';
import type { PackageKey } from '../../base/ids.ts';
import type { PortWatch, RunCommand } from './port-watch.ts';
import type { WatchedLife } from './watched-life.ts';

/** No unverified block is ever told, served, put in place or executed. */
export class ContentRule implements PortWatch {
  readonly #watched: WatchedLife;
  readonly #requests = new Map<number, ServingRequest>();

  constructor(watched: WatchedLife) {
    this.#watched = watched;
  }

  heard(input: AgentInput): void {
    if (input.kind === 'servingRequested') this.#requests.set(input.requestId, input.request);
  }

  said(message: DatagramMessage): void {
    if (message.kind === 'blocks') this.#checkRanges(message.key, message.ranges, 'tells of');
    if (message.kind !== 'alive') return;
    const { disk } = this.#watched.life.computer;
    for (const { key, state } of message.packages) {
      const isTrue = state !== 'ready' || disk.find(key)?.isFinished === true;
      this.#watched.check(isTrue, 'no-corrupt-block', () => `calls ${key} ready, which is not in place`);
    }
  }

  answers(requestId: number, answer: ServingAnswer): void {
    const request = this.#requests.get(requestId);
    this.#requests.delete(requestId);
    if (request === undefined) return;
    if (answer.kind === 'block-map') this.#checkRanges(request.key, answer.blocks.ranges(), 'shows');
    if (answer.kind === 'serve-block' && request.kind !== 'block-map')
      this.#check(request.key, request.block, 'serves');
  }

  finishes(key: PackageKey): void {
    this.#checkAll(key, 'no-corrupt-block', 'puts in place');
  }

  runs({ key }: RunCommand): void {
    const isInPlace = this.#watched.life.computer.disk.find(key)?.isFinished === true;
    this.#watched.check(isInPlace, 'executes-verified', () => `runs ${key}, whose files are not in place`);
    this.#checkAll(key, 'executes-verified', 'runs');
  }

  #checkRanges(key: PackageKey, ranges: readonly (readonly [number, number])[], what: string): void {
    for (const [first, end] of ranges) for (let block = first; block < end; block++) this.#check(key, block, what);
  }

  #checkAll(key: PackageKey, rule: 'no-corrupt-block' | 'executes-verified', what: string): void {
    const { life, verified } = this.#watched;
    const count = life.computer.disk.find(key)?.manifest.blockCount ?? 0;
    for (let block = 0; block < count; block++) {
      const isVerified = verified.has(life.computer, key, block);
      this.#watched.check(isVerified, rule, () => `${what} ${key} with block ${block}, which it never verified`);
    }
  }

  #check(key: PackageKey, block: number, what: string): void {
    const { life, verified } = this.#watched;
    const isVerified = verified.has(life.computer, key, block);
    const detail = () => `${what} block ${block} of ${key}, which it never verified`;
    this.#watched.check(isVerified, 'no-corrupt-block', detail);
  }
}
