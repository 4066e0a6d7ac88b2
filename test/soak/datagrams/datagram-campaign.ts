import type { Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { performance } from 'node:perf_hooks';
import { decodeDatagram } from '../../../shared/agent/datagrams/datagram-codec.ts';
import type { AgentId, PackageKey } from '../../../shared/base/ids.ts';
import { Xoshiro128 } from '../../../shared/base/prng.ts';
import { eventually } from '../../notification-server/support/test-server.ts';
import type { Campaign, CampaignRun } from '../support/campaign.ts';
import { Failures } from '../support/campaign.ts';
import { onceIn, oneOf } from '../support/choices.ts';
import type { FleetUnderTest } from '../support/fleet-under-test.ts';
import { startFleetUnderTest } from '../support/fleet-under-test.ts';
import { checkMemory } from '../support/memory-bound.ts';
import { fetchBlockAsPeer } from '../support/peer-requests.ts';
import type { InputCounts } from '../support/target-messages.ts';
import { HostileDatagrams } from './hostile-datagrams.ts';

/** Fewer than the smallest receive buffer holds; then the agent has to have taken them before more are sent. */
const batchSize = 128;
/** What has not reached the core by then was dropped by the system. */
const lostAfterMs = 500;
/** Every bounded table is full by then, and the collector has seen the load. */
const warmUpShare = 0.1;

/** Random, mutated and wrong datagrams with a right MAC against the sockets of a real agent. */
export const datagramCampaign: Campaign = {
  name: 'datagrams',
  what: 'random and mutated datagrams, right MACs around wrong bodies, to the sockets of a real agent',
  fullCount: 1_000_000,
  shareCount: 20_000,
  run: async (run) => {
    const failures = new Failures();
    const fleet = await startFleetUnderTest(0, failures);
    const attack = new Attack(fleet, run, failures);
    try {
      await attack.open();
      const figures = await attack.run();
      return { failures: failures.texts, figures };
    } catch (error) {
      failures.add(error instanceof Error ? (error.stack ?? error.message) : String(error));
      return { failures: failures.texts, figures: {} };
    } finally {
      attack.close();
      await fleet.stop();
    }
  },
};

class Attack {
  readonly #fleet: FleetUnderTest;
  readonly #run: CampaignRun;
  readonly #failures: Failures;
  readonly #random: Xoshiro128;
  readonly #datagrams: HostileDatagrams;
  readonly #near: Socket[] = [];
  #far: Socket | null = null;
  #lost = 0;

  constructor(fleet: FleetUnderTest, run: CampaignRun, failures: Failures) {
    this.#fleet = fleet;
    this.#run = run;
    this.#failures = failures;
    this.#random = new Xoshiro128(run.seed);
    const { configuration, delivered, agentId } = fleet;
    const groupKey = configuration.groupKeys.find(({ activateAtMs }) => activateAtMs <= Date.now());
    if (groupKey === undefined) throw new Error('no group key is active');
    const key = delivered.key as PackageKey;
    const subject = { serverId: configuration.serverId, groupKey, key, agentId: agentId as AgentId };
    this.#datagrams = new HostileDatagrams(this.#random, subject, run.seed);
  }

  async open(): Promise<void> {
    for (const host of [11, 12, 13, 14]) this.#near.push(await socketAt(this.#fleet.addressInSubnet(host)));
    this.#far = await socketAt('127.0.0.1');
  }

  close(): void {
    for (const socket of [...this.#near, this.#far]) socket?.close();
  }

  async run(): Promise<Record<string, number>> {
    const { count, progress } = this.#run;
    const { agent } = this.#fleet;
    const startedMs = performance.now();
    const first = await this.#counts();
    let handledBefore = totalOf(first);
    let memoryBefore = null;
    for (let sent = 0; sent < count; ) {
      const size = Math.min(batchSize, count - sent);
      for (let index = 0; index < size; index++) this.#sendOne();
      sent += size;
      handledBefore = await this.#waitFor(handledBefore + size);
      if (memoryBefore === null && sent >= count * warmUpShare) memoryBefore = await agent.measure();
      progress(sent, `${this.#lost} lost`);
    }
    const seconds = (performance.now() - startedMs) / 1000;
    const memory = memoryBefore === null ? {} : checkMemory(memoryBefore, await agent.measure(), this.#failures);
    const last = await this.#counts();
    await this.#checkService();
    const { received, dropped } = last;
    return {
      sent: count,
      reachedTheCore: received - first.received,
      ...Object.fromEntries(Object.entries(dropped).map(([reason, times]) => [`dropped ${reason}`, times])),
      lostBySystem: this.#lost,
      perSecond: Math.round(count / seconds),
      ...memory,
    };
  }

  /** To the own socket by unicast, or to the hearing socket by broadcast. */
  #sendOne(): void {
    const { address, port } = this.#fleet;
    const bytes = this.#datagrams.next();
    const random = this.#random;
    if (onceIn(random, 30)) this.#far?.send(bytes, port, address);
    else oneOf(random, this.#near).send(bytes, port, onceIn(random, 3) ? '127.255.255.255' : address);
  }

  /** Until the core has that many more inputs; what the system dropped meanwhile is counted as lost. */
  async #waitFor(expected: number): Promise<number> {
    let handled = totalOf(await this.#counts());
    for (let lastMs = performance.now(), last = handled; handled < expected; ) {
      handled = totalOf(await this.#counts());
      if (handled > last) lastMs = performance.now();
      last = handled;
      if (performance.now() - lastMs > lostAfterMs) {
        this.#lost += expected - handled;
        break;
      }
    }
    return handled;
  }

  #counts(): Promise<InputCounts> {
    return this.#fleet.agent.ask<InputCounts>({ kind: 'inputs' });
  }

  /** It serves a block, gets another package, and answers who wants that one. */
  async #checkService(): Promise<void> {
    const { address, port, content, deliverAnother, addressInSubnet } = this.#fleet;
    const block = await fetchBlockAsPeer(this.#fleet, 1);
    if (!block.equals(content.subarray(2_097_152, 2 * 2_097_152))) this.#failures.add('afterwards: another block came');
    // Of the old package so many claim to have a part by now that it is not this agent's turn to answer.
    const key = await deliverAnother(this.#failures);
    const asker = await socketAt(addressInSubnet(15));
    const answers: string[] = [];
    asker.on('message', (bytes) => answers.push(decodeDatagram(bytes)?.message.kind ?? 'malformed'));
    try {
      asker.send(this.#datagrams.want(key), port, address);
      const answered = eventually('an answer to a WANT', () => (answers.includes('blocks') ? true : null), 15_000);
      await answered.catch((error: Error) => this.#failures.add(`afterwards: ${error.message}: ${answers.join(' ')}`));
    } finally {
      asker.close();
    }
  }
}

/** Own datagrams of the agent that come back are counted too; they are no answers to what was sent here. */
function totalOf({ received, dropped }: InputCounts): number {
  const all = Object.values(dropped).reduce((sum, times) => sum + times, received);
  return all - (dropped['own-echo'] ?? 0);
}

async function socketAt(address: string): Promise<Socket> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind({ address, port: 0 }, resolve));
  socket.setBroadcast(true);
  return socket;
}
