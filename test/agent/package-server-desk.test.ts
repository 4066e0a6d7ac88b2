import { describe, expect, it } from 'vitest';
import type { ContentRequest } from '../../shared/agent/agent-input.ts';
import type { ServedAsker } from '../../shared/agent/event-outbox.ts';
import type { PackageServerContext, ServedCatalogue, ServedContent } from '../../shared/agent/package-server-desk.ts';
import { PackageServerDesk } from '../../shared/agent/package-server-desk.ts';
import { PendingCommands } from '../../shared/agent/pending-commands.ts';
import type { CommandId, PackageManifest, ServingAnswer } from '../../shared/agent/ports.ts';
import { Timers } from '../../shared/agent/timers.ts';
import { BlockSet } from '../../shared/base/block-set.ts';
import type { AgentId, PackageGuid, PackageKey } from '../../shared/base/ids.ts';
import { parseIpv4 } from '../../shared/base/ipv4.ts';
import { Xoshiro128 } from '../../shared/base/prng.ts';
import type { PackageServerRole } from '../../shared/contracts/agent-api.ts';
import { ManualClock } from './support/manual-clock.ts';

const hourMs = 3_600_000;
const key = 'ab'.repeat(20) as PackageKey;
const guid = '00000000-0000-4000-8000-000000000001' as PackageGuid;
const blockCount = 2000;
const role: PackageServerRole = {
  ...{ constrained: false, maxUpload: 0, maxCache: 80, freshFor: 24, packages: [] },
  outbound: { subnets: ['10.1.0.0/16'], beyondLimits: [] },
};

/** A Package Server that has what `blocks` says of one package, and a Notification Server that is asked and answers by hand. */
class Stage {
  readonly clock = new ManualClock();
  readonly #timers = new Timers(this.clock);
  readonly #commands = new PendingCommands();
  readonly answers = new Map<number, ServingAnswer>();
  readonly rates = new Map<number, number>();
  readonly brokenOff: number[] = [];
  readonly wanted: number[] = [];
  readonly questions: CommandId[] = [];
  readonly blocks = new BlockSet(blockCount);
  uses = 0;
  readonly inboundUses: string[] = [];
  readonly counted: { readonly asker: ServedAsker; readonly bytes: number }[] = [];
  isDiscarded = false;
  readonly desk: PackageServerDesk;
  readonly #content: ServedContent;
  readonly #context: { packageServer: PackageServerRole | null };
  #nextRequestId = 1;

  constructor(more: Partial<PackageServerRole> = {}) {
    const blocks = this.blocks;
    let validatedAtMs: number | null = null;
    this.#content = {
      subject: { key, guid, version: '1', name: 'Package', priority: 'normal', totalSizeBytes: 0 },
      manifest: { key, guid, version: '1', blockCount } as PackageManifest,
      blocks,
      get validatedAtMs() {
        return validatedAtMs;
      },
      noteValidated: (atMs: number) => {
        validatedAtMs = atMs;
      },
      demand: (block: number) => void this.wanted.push(block),
    } as ServedContent;
    const nothing = (): void => undefined;
    const context: PackageServerContext & { packageServer: PackageServerRole | null } = {
      timers: this.#timers,
      commands: this.#commands,
      packageServer: { ...role, ...more },
      isStopping: false,
      nowMs: () => this.clock.nowMs(),
      ports: {
        clock: this.clock,
        random: new Xoshiro128(1),
        serving: {
          answer: (requestId, answer) => void this.answers.set(requestId, answer),
          setServingRate: (requestId, rate) => void this.rates.set(requestId, rate),
          breakOff: (requestId) => void this.brokenOff.push(requestId),
          configure: nothing,
        },
        server: {
          fetchConfiguration: nothing,
          fetchSnapshot: (commandId) => void this.questions.push(commandId),
          fetchCodebases: nothing,
          fetchSubnetHints: nothing,
          sendEvents: nothing,
          sendLiveReport: nothing,
          sendDiagnostics: nothing,
          tellOutboundUse: () => void this.uses++,
          tellInboundUse: (siteId) => void this.inboundUses.push(siteId),
        },
      },
      calendar: { isSilent: false },
      peers: { isBanned: () => false },
      withdrawals: { has: () => false },
      settings: { requestTimeoutMs: 30_000, requestLimit: 5 },
      outbox: { countServed: (_key, asker, { bytes }) => void this.counted.push({ asker, bytes }) },
    };
    const catalogue: ServedCatalogue = {
      find: () => (this.isDiscarded ? null : this.#content),
      demand: () => this.#content,
      discard: () => {
        this.isDiscarded = true;
      },
    };
    this.#context = context;
    this.desk = new PackageServerDesk(context, catalogue);
    this.desk.configure();
  }

  setRole(more: Partial<PackageServerRole>): void {
    this.#context.packageServer = { ...role, ...more };
    this.desk.configure();
  }

  /** Returns the number of the request. */
  ask(
    block: number,
    from: { readonly agent?: number; readonly address?: string; readonly isByLink?: boolean } = {},
  ): number {
    const requestId = this.#nextRequestId++;
    const peer = (from.agent ?? 1).toString(16).padStart(32, '0') as AgentId;
    const address = parseIpv4(from.address ?? '10.1.2.3') ?? 0;
    const { isByLink = false } = from;
    const request: ContentRequest = { kind: 'content', key, guid, version: '1', block, isByLink };
    this.desk.requested(requestId, { peer, address }, request);
    return requestId;
  }

  said(requestId: number): string | null {
    const answer = this.answers.get(requestId);
    return answer === undefined ? null : answer.kind === 'refuse' ? answer.code : answer.kind;
  }

  stored(block: number): void {
    this.blocks.add(block);
    this.desk.blockStored(this.#content as Parameters<PackageServerDesk['blockStored']>[0], block);
  }

  serverSays(what: 'yes' | 'no' | 'nothing'): void {
    const commandId = this.questions.shift();
    if (commandId === undefined) throw new Error('nothing was asked');
    const detail = '';
    if (what === 'yes') {
      const manifest = this.#content.manifest as PackageManifest;
      this.#commands.receive({ kind: 'snapshotReceived', commandId, manifest });
    } else {
      const code = what === 'no' ? 'refused' : 'unreachable';
      this.#commands.receive({ kind: 'serverFailed', commandId, code, detail });
    }
  }

  pass(ms: number): void {
    const untilMs = this.clock.now + ms;
    for (;;) {
      const [next] = [...this.clock.set].sort(([, a], [, b]) => a - b);
      if (next === undefined || next[1] > untilMs) break;
      this.clock.set.delete(next[0]);
      this.clock.now = Math.max(this.clock.now, next[1]);
      this.#timers.fire(next[0]);
    }
    this.clock.now = untilMs;
  }

  /** Of a package that was looked up just now. */
  static fresh(more: Partial<PackageServerRole> = {}): Stage {
    const stage = new Stage(more);
    stage.blocks.add(0);
    stage.ask(0);
    stage.serverSays('yes');
    return stage;
  }
}

describe('what is here of a package', () => {
  it('is served after a restart once the server has said that it is still to be had', () => {
    const stage = new Stage();
    stage.blocks.add(0);
    const asked = [stage.ask(0), stage.ask(0, { agent: 2 })];
    expect(asked.map((requestId) => stage.said(requestId))).toEqual([null, null]);
    expect(stage.questions).toHaveLength(1);
    stage.serverSays('yes');
    expect(asked.map((requestId) => stage.said(requestId))).toEqual(['serve-block', 'serve-block']);
  });

  it('is served without a question as long as it is fresh, and then looked up again', () => {
    const stage = Stage.fresh();
    stage.pass(24 * hourMs - 1);
    expect(stage.said(stage.ask(0))).toBe('serve-block');
    expect(stage.questions).toHaveLength(0);
    stage.pass(1);
    const late = stage.ask(0);
    expect(stage.said(late)).toBeNull();
    expect(stage.questions).toHaveLength(1);
    stage.serverSays('yes');
    expect(stage.said(late)).toBe('serve-block');
    stage.pass(24 * hourMs - 1);
    expect(stage.said(stage.ask(0))).toBe('serve-block');
  });

  it('is as fresh as its role says', () => {
    const stage = Stage.fresh({ freshFor: 1 });
    stage.pass(hourMs);
    expect(stage.said(stage.ask(0))).toBeNull();
    expect(stage.questions).toHaveLength(1);
  });

  it('is deleted, and refused to all who wait, where the server says no', () => {
    const stage = new Stage();
    stage.blocks.add(0);
    const asked = [stage.ask(0), stage.ask(1)];
    stage.serverSays('no');
    expect(stage.isDiscarded).toBe(true);
    expect(asked.map((requestId) => stage.said(requestId))).toEqual(['not-available', 'not-available']);
  });

  it('is served where the server says nothing, which is asked again after ten minutes', () => {
    const stage = new Stage();
    stage.blocks.add(0);
    const first = stage.ask(0);
    stage.serverSays('nothing');
    expect(stage.said(first)).toBe('serve-block');
    stage.pass(600_000 - 1);
    expect(stage.said(stage.ask(0))).toBe('serve-block');
    expect(stage.questions).toHaveLength(0);
    stage.pass(1);
    stage.ask(0);
    expect(stage.questions).toHaveLength(1);
  });

  it('ends in the middle of a block where the feed says that it was withdrawn', () => {
    const stage = Stage.fresh();
    const running = stage.ask(0);
    const waiting = stage.ask(1);
    stage.desk.gone(key);
    expect(stage.brokenOff).toContain(running);
    expect(stage.said(waiting)).toBe('not-available');
  });
});

describe('requests for what is not here yet', () => {
  it('wait for the block, all of them, and it is wanted', () => {
    const stage = Stage.fresh();
    const asked = [stage.ask(7), stage.ask(7, { agent: 2 }), stage.ask(8, { agent: 3 })];
    expect(stage.wanted).toEqual([7, 7, 8]);
    stage.stored(7);
    expect(asked.map((requestId) => stage.said(requestId))).toEqual(['serve-block', 'serve-block', null]);
  });

  it('wait ten seconds at most, and are told to come again', () => {
    const stage = Stage.fresh();
    const first = stage.ask(7);
    stage.pass(4000);
    const second = stage.ask(7);
    stage.pass(5999);
    expect(stage.said(first)).toBeNull();
    stage.pass(1);
    expect([stage.said(first), stage.said(second)]).toEqual(['busy', null]);
    stage.pass(4000);
    expect(stage.said(second)).toBe('busy');
    // A block that comes late is for nobody who was sent away.
    stage.answers.clear();
    stage.stored(7);
    expect(stage.answers.size).toBe(0);
  });

  it('are 32 of one client with a link, whose address is its name', () => {
    const stage = Stage.fresh();
    const asked = (address: string) =>
      Array.from({ length: 33 }, (_request, index) => stage.ask(1 + index, { address, isByLink: true }));
    const [ofOne, ofOther] = [asked('10.1.7.1'), asked('10.1.7.2')];
    // Nor are they in the way of the agent in whose name they ask.
    const ofAgent = Array.from({ length: 32 }, (_request, index) => stage.ask(1 + index));
    const busy = [...ofOne, ...ofOther, ...ofAgent].filter((requestId) => stage.said(requestId) === 'busy');
    expect(busy).toEqual([ofOne[32], ofOther[32]]);
  });

  it('are 32 of one agent, and 1,024 of all', () => {
    const stage = Stage.fresh();
    const ofOne = Array.from({ length: 40 }, (_, index) => stage.ask(index + 1));
    expect(ofOne.filter((requestId) => stage.said(requestId) === 'busy')).toEqual(ofOne.slice(32));
    const ofOthers = Array.from({ length: 1100 }, (_, index) => stage.ask(index + 1, { agent: 100 + (index >> 3) }));
    expect(ofOthers.filter((requestId) => stage.said(requestId) === 'busy')).toEqual(ofOthers.slice(1024 - 32));
    stage.pass(10_000);
    expect(stage.said(ofOne[0] ?? 0)).toBe('busy');
    expect(stage.said(stage.ask(1))).toBeNull();
  });

  it('are refused for a block that the package has not', () => {
    const stage = Stage.fresh();
    expect(stage.said(stage.ask(blockCount))).toBe('not-available');
  });
});

describe('what leaves the site', () => {
  const outside = { agent: 9, address: '10.2.0.1' };

  it('waits for a share, which halves each minute without a word', () => {
    const stage = Stage.fresh();
    expect(stage.said(stage.ask(0, outside))).toBe('busy');
    expect(stage.uses).toBe(1);
    stage.desk.limits.outbound.told(1_000_000);
    const running = stage.ask(0, outside);
    expect(stage.answers.get(running)).toMatchObject({ maxBytesPerSecond: 1_000_000, paceGroup: 'outbound' });
    expect(stage.answers.get(stage.ask(0))).toMatchObject({ maxBytesPerSecond: Number.POSITIVE_INFINITY });
    stage.pass(60_000);
    expect(stage.rates.get(running)).toBe(500_000);
    stage.pass(60_000);
    expect(stage.rates.get(running)).toBe(250_000);
    stage.desk.limits.outbound.told(800_000);
    expect(stage.rates.get(running)).toBe(800_000);
  });

  it('is told as long as it lasts', () => {
    const stage = Stage.fresh();
    stage.desk.limits.outbound.told(1_000_000);
    const running = stage.ask(0, outside);
    stage.pass(30_000);
    expect(stage.uses).toBe(11);
    stage.desk.ended(running, 1);
    stage.pass(30_000);
    expect(stage.uses).toBe(11);
  });

  it('is shared by those outside, and no more of them than get a rate that is worth having', () => {
    const stage = Stage.fresh({ maxUpload: 300 });
    stage.desk.limits.outbound.told(256_000);
    const asked = Array.from({ length: 6 }, () => stage.ask(0, outside));
    expect(asked.map((requestId) => stage.said(requestId))).toEqual([
      ...Array.from({ length: 4 }, () => 'serve-block'),
      'busy',
      'busy',
    ]);
    // One inside runs as well since the beginning: a fifth of what the role allows is less than a quarter of the share.
    expect(stage.rates.get(asked[0] ?? 0)).toBe(60_000);
  });
});

describe('what enters a site below', () => {
  const inA = { agent: 9, address: '10.3.0.1' };
  const inB = { agent: 8, address: '10.4.0.1' };
  const sites = [
    { siteId: 'a', subnets: ['10.3.0.0/16'] },
    { siteId: 'b', subnets: ['10.4.0.0/16', '10.5.0.0/16'] },
  ];
  const limited = { outbound: null, inbound: { sites, beyondLimits: [] } };

  it('waits for a share of that site, says that it is wanted, and shares nothing with another site', () => {
    const stage = Stage.fresh(limited);
    expect([stage.said(stage.ask(0, inA)), stage.said(stage.ask(0))]).toEqual(['busy', 'serve-block']);
    expect(stage.inboundUses).toEqual(['a']);
    stage.desk.limits.toldInbound([
      { siteId: 'a', bytesPerSecond: 200_000 },
      { siteId: 'b', bytesPerSecond: null },
    ]);
    const ofA = [stage.ask(0, inA), stage.ask(0, inA)];
    expect(ofA.map((requestId) => stage.said(requestId))).toEqual(['serve-block', 'serve-block']);
    expect(stage.answers.get(ofA[1] ?? 0)).toMatchObject({ maxBytesPerSecond: 100_000, paceGroup: 'into a' });
    expect(stage.rates.get(ofA[0] ?? 0)).toBe(100_000);
    const ofB = stage.answers.get(stage.ask(0, { ...inB, address: '10.5.0.1' }));
    expect(ofB).toMatchObject({ maxBytesPerSecond: Number.POSITIVE_INFINITY, paceGroup: 'into b' });
  });

  it('halves each minute without a word, and is over where it was unlimited', () => {
    const stage = Stage.fresh(limited);
    stage.desk.limits.toldInbound([
      { siteId: 'a', bytesPerSecond: 1_000_000 },
      { siteId: 'b', bytesPerSecond: null },
    ]);
    const running = stage.ask(0, inA);
    stage.pass(60_000);
    expect(stage.rates.get(running)).toBe(500_000);
    stage.pass(200_000);
    expect(stage.said(stage.ask(0, inB))).toBe('serve-block');
    stage.pass(60_000);
    expect(stage.said(stage.ask(0, inB))).toBe('busy');
    expect(stage.said(stage.ask(0, inA))).toBe('serve-block');
  });

  it('keeps to what may leave its own site, too', () => {
    const stage = Stage.fresh({ ...limited, outbound: { subnets: ['10.1.0.0/16'], beyondLimits: [] } });
    stage.desk.limits.toldInbound([{ siteId: 'a', bytesPerSecond: 300_000 }]);
    expect(stage.said(stage.ask(0, inA))).toBe('busy');
    stage.desk.limits.outbound.told(100_000);
    const running = stage.ask(0, inA);
    expect(stage.answers.get(running)).toMatchObject({ maxBytesPerSecond: 100_000, paceGroup: 'into a' });
    stage.desk.limits.outbound.told(1_000_000);
    expect(stage.rates.get(running)).toBe(300_000);
    stage.desk.ended(running, 1);
    expect(stage.answers.get(stage.ask(0, inA))).toMatchObject({ maxBytesPerSecond: 300_000 });
  });

  it('is limited for clients with links as for agents, by their address, at which they count as well', () => {
    const stage = Stage.fresh(limited);
    const linked = { ...inA, isByLink: true };
    expect(stage.said(stage.ask(0, linked))).toBe('busy');
    expect(stage.inboundUses).toEqual(['a']);
    stage.desk.limits.toldInbound([{ siteId: 'a', bytesPerSecond: 200_000 }]);
    stage.counted.length = 0;
    const asked = [stage.ask(0, inA), stage.ask(0, linked), stage.ask(1, linked)];
    expect(stage.answers.get(asked[1] ?? 0)).toMatchObject({ maxBytesPerSecond: 100_000, paceGroup: 'into a' });
    // One that was held until its block came is no other case.
    stage.stored(1);
    expect(stage.said(asked[2] ?? 0)).toBe('serve-block');
    for (const requestId of asked) stage.desk.ended(requestId, 7);
    const clientAddress = parseIpv4(inA.address);
    expect(stage.counted.map(({ asker, bytes }) => [asker.clientAddress, bytes])).toEqual([
      [null, 0],
      [clientAddress, 0],
      [clientAddress, 0],
      [null, 7],
      [clientAddress, 7],
      [clientAddress, 7],
    ]);
  });

  it('is not limited for packages of deliveries that ignore the limits of sites', () => {
    const stage = Stage.fresh({ ...limited, inbound: { sites, beyondLimits: [key] } });
    expect(stage.said(stage.ask(0, inA))).toBe('serve-block');
    expect(stage.inboundUses).toEqual([]);
  });

  it('may be told before the role names the site, and is limited by nothing when the role names it no more', () => {
    const stage = Stage.fresh({ outbound: null, inbound: null });
    stage.desk.limits.toldInbound([{ siteId: 'a', bytesPerSecond: 200_000 }]);
    expect(stage.answers.get(stage.ask(0, inA))).toMatchObject({ maxBytesPerSecond: Number.POSITIVE_INFINITY });
    stage.setRole(limited);
    expect(stage.answers.get(stage.ask(0, inA))).toMatchObject({ maxBytesPerSecond: 200_000 });
    stage.setRole({ outbound: null });
    expect(stage.answers.get(stage.ask(0, inA))).toMatchObject({ maxBytesPerSecond: Number.POSITIVE_INFINITY });
  });
});
