import { describe, expect, it } from 'vitest';
import { BlockRequests } from '../../shared/agent/block-requests.ts';
import { EventOutbox } from '../../shared/agent/event-outbox.ts';
import { PeerRates, RateMeter } from '../../shared/agent/peer-rates.ts';
import { RateDivider } from '../../shared/agent/rate-divider.ts';
import { SubnetDirectory } from '../../shared/agent/subnet-directory.ts';
import { Timers, WakeUp } from '../../shared/agent/timers.ts';
import type { AgentId, PackageKey } from '../../shared/base/ids.ts';
import { cidrOf, parseIpv4 } from '../../shared/base/ipv4.ts';
import { agentEventSchema } from '../../shared/contracts/agent-events.ts';
import { ManualClock } from './support/manual-clock.ts';

const ann = 'a'.repeat(32) as AgentId;
const bob = 'b'.repeat(32) as AgentId;
const key = 'cd'.repeat(20) as PackageKey;

describe('the book of requests', () => {
  const request = (commandId: number, block: number, peer: AgentId | null) => ({
    commandId,
    block,
    source: peer === null ? ('notification-server' as const) : ('peer' as const),
    peer,
    place: null,
    reason: 'lane' as const,
    startedAtMs: 0,
    receivedBytes: 0,
  });

  it('counts by block, by peer and over the WAN until a request ends', () => {
    const requests = new BlockRequests(16);
    requests.add(request(1, 5, ann));
    requests.add(request(2, 5, bob));
    requests.add(request(3, 6, null));
    expect([requests.ofBlock(5), requests.ofPeer(ann), requests.peerCount, requests.directCount]).toEqual([2, 1, 2, 1]);
    expect(requests.end(1)?.peer).toBe(ann);
    expect(requests.end(3)?.block).toBe(6);
    expect([requests.ofBlock(5), requests.ofPeer(ann), requests.peerCount, requests.directCount]).toEqual([1, 0, 1, 0]);
  });

  it('ends a request once', () => {
    const requests = new BlockRequests(16);
    requests.add(request(1, 5, ann));
    requests.end(1);
    expect(requests.end(1)).toBeNull();
    expect(requests.ofBlock(5)).toBe(0);
  });
});

describe('the outbox of events', () => {
  it('numbers events and keeps them until they are acknowledged', () => {
    const outbox = new EventOutbox(new ManualClock(), 41);
    outbox.add({ kind: 'stopping' });
    outbox.add({ kind: 'stopping' });
    expect(outbox.batch(1).map((event) => event.sequence)).toEqual([41]);
    expect(outbox.batch(10).map((event) => event.sequence)).toEqual([41, 42]);
    outbox.acknowledge(41);
    expect(outbox.batch(10).map((event) => event.sequence)).toEqual([42]);
  });

  it('draws bytes of the same source and reason together', () => {
    const outbox = new EventOutbox(new ManualClock(), 1);
    outbox.countTransfer(key, 'peer', 'peer-has-block', ann, 10);
    outbox.countTransfer(key, 'peer', 'peer-has-block', ann, 5);
    outbox.countTransfer(key, 'notification-server', 'lane', null, 7);
    const [event, ...further] = outbox.batch(10);
    expect(further).toEqual([]);
    expect(event).toMatchObject({
      kind: 'transferred',
      portions: [
        { source: 'peer', agentId: ann, bytes: 15, blocks: 2 },
        { source: 'notification-server', agentId: null, bytes: 7, blocks: 1 },
      ],
    });
  });

  it('counts every byte once however often it is asked for a batch', () => {
    const outbox = new EventOutbox(new ManualClock(), 1);
    outbox.countTransfer(key, 'peer', 'peer-has-block', ann, 10);
    outbox.batch(10);
    outbox.countTransfer(key, 'peer', 'peer-has-block', ann, 1);
    const bytes = outbox
      .batch(10)
      .flatMap((event) => (event.kind === 'transferred' ? event.portions : []))
      .map((portion) => portion.bytes);
    expect(bytes).toEqual([10, 1]);
  });

  it('names where clients with links asked from, so many at a time, and the others together', () => {
    const outbox = new EventOutbox(new ManualClock(), 1);
    const served = { requests: 1, hits: 1, bytes: 5 };
    const client = (host: number) => ({ agentId: ann, clientAddress: (parseIpv4('10.1.0.0') ?? 0) + host });
    outbox.countServed(key, { agentId: ann, clientAddress: null }, served);
    for (let host = 0; host < 130; host++) outbox.countServed(key, client(host), served);
    outbox.countServed(key, client(7), { requests: 0, hits: 0, bytes: 95 });
    // Agents are named as ever.
    outbox.countServed(key, { agentId: bob, clientAddress: null }, served);
    const [event, ...further] = outbox.batch(10);
    expect(further).toEqual([]);
    expect(agentEventSchema.parse(event)).toEqual(event);
    const portions = event?.kind === 'served' ? event.portions : [];
    expect(portions).toHaveLength(1 + 128 + 1 + 1);
    expect(portions[0]).toEqual({ agentId: ann, ...served });
    expect(portions[8]).toEqual({ agentId: ann, from: '10.1.0.7', requests: 1, hits: 1, bytes: 100 });
    expect(portions[129]).toEqual({ agentId: ann, from: 'elsewhere', requests: 2, hits: 2, bytes: 10 });
    expect(portions[130]).toEqual({ agentId: bob, ...served });
  });

  it('drops the oldest of 5,000 events and shows the gap', () => {
    const outbox = new EventOutbox(new ManualClock(), 1);
    for (let count = 0; count < 5001; count++) outbox.add({ kind: 'stopping' });
    expect(outbox.batch(1)[0]?.sequence).toBe(2);
  });
});

describe('a shared rate', () => {
  it('is divided equally and told to everybody when somebody comes or goes', () => {
    const told = new Map<number, number>();
    const divider = new RateDivider<number>((member, rate) => told.set(member, rate));
    divider.setLimit(900);
    expect(divider.add(1)).toBe(900);
    expect(divider.add(2)).toBe(450);
    expect(told.get(1)).toBe(450);
    expect(divider.add(3)).toBe(300);
    divider.remove(1);
    expect([told.get(2), told.get(3)]).toEqual([450, 450]);
  });

  it('changes running transfers when the limit changes', () => {
    const told = new Map<number, number>();
    const divider = new RateDivider<number>((member, rate) => told.set(member, rate));
    expect(divider.add(1)).toBe(Number.POSITIVE_INFINITY);
    divider.setLimit(100);
    expect(told.get(1)).toBe(100);
    divider.setLimit(Number.POSITIVE_INFINITY);
    expect(told.get(1)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('the subnet directory', () => {
  const subnet = cidrOf(parseIpv4('10.0.0.0') ?? 0, 24);
  const presence = (agentId: AgentId, bootId = 1) => ({
    agentId,
    address: subnet.network + 5,
    port: 27801,
    name: 'pc',
    bootId,
    subnet,
  });

  it('tells a newcomer from a known peer and from a changed one', () => {
    const directory = new SubnetDirectory();
    expect(directory.heard(presence(bob), 1)).toBe('new');
    expect(directory.heard(presence(bob), 2)).toBe('refreshed');
    expect(directory.heard(presence(bob, 2), 3)).toBe('changed');
    expect(directory.lastHeardMs(bob)).toBe(3);
  });

  it('lists peers in the order of their ids, not of their arrival', () => {
    const directory = new SubnetDirectory();
    directory.heard(presence(bob), 1);
    directory.heard(presence(ann), 2);
    expect(directory.peersOf(subnet).map((peer) => peer.agentId)).toEqual([ann, bob]);
    directory.gone(subnet, ann);
    expect(directory.peersOf(subnet).map((peer) => peer.agentId)).toEqual([bob]);
  });

  it('remembers 1,024 peers and lets the longest silent go first', () => {
    const directory = new SubnetDirectory();
    for (let count = 0; count < 1025; count++) {
      directory.heard(presence(count.toString(16).padStart(32, '0') as AgentId), count);
    }
    expect(directory.peersOf(subnet)).toHaveLength(1024);
    expect(directory.find('0'.repeat(32) as AgentId)).toBeNull();
  });
});

describe('a rate meter', () => {
  it('tells the mean of the last five seconds', () => {
    const meter = new RateMeter();
    expect(meter.bytesPerSecond(9000)).toBe(0);
    meter.add(5000, 10_100);
    meter.add(10_000, 11_900);
    expect(meter.bytesPerSecond(12_000)).toBe(3000);
    expect(meter.bytesPerSecond(15_500)).toBe(2000);
    expect(meter.bytesPerSecond(16_500)).toBe(0);
  });

  it('forgets what came before a long silence', () => {
    const meter = new RateMeter();
    meter.add(5000, 1000);
    meter.add(1000, 600_000);
    expect(meter.bytesPerSecond(600_500)).toBe(200);
  });
});

describe('the rates of peers', () => {
  const peerOf = (number: number) => number.toString(16).padStart(32, '0') as AgentId;

  it('are each peer’s own, and 0 of whom nothing came', () => {
    const rates = new PeerRates();
    rates.add(peerOf(1), 10_000, 1000);
    rates.add(peerOf(2), 5000, 1000);
    expect([1, 2, 3].map((number) => rates.bytesPerSecond(peerOf(number), 1500))).toEqual([2000, 1000, 0]);
  });

  it('are right of whoever exchanges bytes at a time, however many did before', () => {
    const rates = new PeerRates();
    for (let number = 0; number < 200; number++) rates.add(peerOf(number), 5000, number * 1000);
    const nowMs = 199_500;
    const busy = Array.from({ length: 200 }, (_, number) => number).filter(
      (number) => rates.bytesPerSecond(peerOf(number), nowMs) > 0,
    );
    expect(busy).toEqual([195, 196, 197, 198, 199]);
  });
});

describe('a wake-up', () => {
  it('stands at the earliest moment asked for and goes off once', () => {
    const clock = new ManualClock();
    const timers = new Timers(clock);
    let rings = 0;
    const wakeUp = new WakeUp(clock, timers, () => rings++);
    wakeUp.setAt(500);
    wakeUp.noLaterThan(300);
    wakeUp.noLaterThan(400);
    const [[timerId, atMs]] = [...clock.set] as [[number, number]];
    expect([clock.set.size, atMs]).toEqual([1, 300]);
    clock.now = 300;
    timers.fire(timerId);
    timers.fire(timerId);
    expect(rings).toBe(1);
  });

  it('leaves its timer where it is when it is put off, and waits for the rest of the time then', () => {
    const clock = new ManualClock();
    const timers = new Timers(clock);
    let rings = 0;
    const wakeUp = new WakeUp(clock, timers, () => rings++);
    wakeUp.setAt(300);
    const [first] = [...clock.set.keys()] as [number];
    wakeUp.setAt(500);
    expect([...clock.set.keys()]).toEqual([first]);
    clock.now = 300;
    timers.fire(first);
    expect(rings).toBe(0);
    const [second = 0] = [...clock.set.keys()].filter((timerId) => timerId !== first);
    clock.now = 500;
    timers.fire(second);
    expect(rings).toBe(1);
  });

  it('does nothing when a cancelled timer fires all the same', () => {
    const clock = new ManualClock();
    const timers = new Timers(clock);
    let rings = 0;
    const timerId = timers.after(10, () => rings++);
    timers.cancel(timerId);
    timers.fire(timerId);
    expect(rings).toBe(0);
  });
});
