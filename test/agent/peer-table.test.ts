import { describe, expect, it } from 'vitest';
import { PeerTable } from '../../shared/agent/peer-table.ts';
import type { AgentInterfaceAddress } from '../../shared/agent/ports.ts';
import { SubnetDirectory } from '../../shared/agent/subnet-directory.ts';
import type { AgentId, PackageKey } from '../../shared/base/ids.ts';
import type { Cidr } from '../../shared/base/ipv4.ts';
import { cidrOf, formatCidr, parseCidr, parseIpv4 } from '../../shared/base/ipv4.ts';

const peer = 'aa'.repeat(16) as AgentId;
const port = 27801;

function address(text: string): number {
  const parsed = parseIpv4(text);
  if (parsed === null) throw new Error(`${text} is no address`);
  return parsed;
}

function cidr(text: string): Cidr {
  const parsed = parseCidr(text);
  if (parsed === null) throw new Error(`${text} is no subnet`);
  return parsed;
}

function adapter(name: string, text: string): AgentInterfaceAddress {
  return { name, address: address(text), subnet: cidrOf(address(text), 24), port };
}

function table(interfaces: readonly AgentInterfaceAddress[], additional: readonly string[] = []) {
  let nowMs = 0;
  const clock = {
    nowMs: () => nowMs,
    wallTimeMs: () => nowMs,
    localMinuteOfWeek: () => 0,
    setTimer: () => undefined,
    cancelTimer: () => undefined,
  };
  const peers = new PeerTable(clock, new SubnetDirectory(), 'ff'.repeat(16) as AgentId);
  peers.setInterfaces(interfaces);
  peers.setAdditionalSubnets(additional.map(cidr));
  return {
    peers,
    hear: (text: string, bootId = 1) => peers.heard({ agentId: peer, address: address(text), port }, bootId, 'peer'),
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

describe('the subnets of a peer table', () => {
  it('are the own ones first, then the additional ones, the smallest first, each once', () => {
    const own = [adapter('lan', '10.1.2.7'), adapter('wifi', '10.1.2.8'), adapter('dock', '10.1.4.7')];
    const { peers } = table(own, ['10.1.0.0/16', '10.1.3.0/24', '10.1.2.0/24']);
    expect(peers.subnets.map(({ cidr: subnet, kind }) => `${kind} ${formatCidr(subnet)}`)).toEqual([
      'own 10.1.2.0/24',
      'own 10.1.4.0/24',
      'additional 10.1.3.0/24',
      'additional 10.1.0.0/16',
    ]);
    expect(peers.interfaceTo(address('10.1.4.9'))?.name).toBe('dock');
    expect(peers.interfaceTo(address('10.1.3.9'))?.name).toBe('lan');
  });

  it('contain no network and no broadcast address, and nobody else', () => {
    const { peers, hear } = table([adapter('lan', '10.1.2.7')], ['10.1.3.0/24']);
    for (const text of ['10.1.2.0', '10.1.2.255', '10.1.3.0', '10.1.3.255', '10.1.4.1']) expect(hear(text)).toBeNull();
    expect(hear('10.1.3.1')).toBe('new');
    expect(peers.alive().map(({ agentId }) => agentId)).toEqual([peer]);
  });

  it('are reached through an adapter of their kind: nothing gets from loopback to a network', () => {
    const { peers } = table([adapter('lo', '127.5.1.1'), adapter('lan', '10.1.2.7')], ['10.1.3.0/24', '127.5.2.0/24']);
    expect(peers.interfaceTo(address('10.1.3.9'))?.name).toBe('lan');
    expect(peers.interfaceTo(address('127.5.2.9'))?.name).toBe('lo');
  });
});

describe('peers of a subnet that is gone', () => {
  it('are forgotten with the interface', () => {
    const { peers, hear } = table([adapter('lan', '10.1.2.7')]);
    hear('10.1.2.9');
    expect(peers.setInterfaces([adapter('lan', '10.1.3.7')])).toEqual([peer]);
    expect(peers.isAlive(peer)).toBe(false);
    expect(peers.find(peer)).toBeNull();
  });

  it('are forgotten with the policy that named it, those of other subnets are not', () => {
    const { peers, hear } = table([adapter('lan', '10.1.2.7')], ['10.1.3.0/24']);
    hear('10.1.3.9');
    expect(peers.setAdditionalSubnets([cidr('10.1.3.0/24'), cidr('10.1.4.0/24')])).toEqual([]);
    expect(peers.isAlive(peer)).toBe(true);
    expect(peers.setAdditionalSubnets([])).toEqual([peer]);
    expect(peers.isAlive(peer)).toBe(false);
  });

  it('stay where only the own address within the subnet has changed', () => {
    const { peers, hear } = table([adapter('lan', '10.1.2.7')]);
    hear('10.1.2.9');
    expect(peers.setInterfaces([adapter('lan', '10.1.2.70')])).toEqual([]);
    expect(peers.isAlive(peer)).toBe(true);
  });
});

describe('a peer that could not be reached', () => {
  it('is there again once it asks for something from the address by which it is known', () => {
    const { peers, hear, pass } = table([adapter('lan', '10.1.2.7')]);
    hear('10.1.2.9');
    pass(1000);
    peers.markUnreachable(peer);
    pass(1000);
    peers.asked(peer, address('10.1.2.10'));
    expect(peers.isAlive(peer)).toBe(false);
    peers.asked(peer, address('10.1.2.9'));
    expect([peers.isAlive(peer), peers.lastHeardMs(peer)]).toEqual([true, 2000]);
  });

  it('stays unknown when it asks and was never heard', () => {
    const { peers } = table([adapter('lan', '10.1.2.7')]);
    peers.asked(peer, address('10.1.2.9'));
    expect([peers.find(peer), peers.isAlive(peer)]).toEqual([null, false]);
  });
});

describe('a peer that sent damaged blocks', () => {
  const strikes = (peers: PeerTable, count: number) => {
    for (let strike = 0; strike < count; strike++) peers.noteBadBlock(peer);
  };

  it('stays banned when it says goodbye and comes back, also with another boot', () => {
    const { peers, hear } = table([adapter('lan', '10.1.2.7')]);
    hear('10.1.2.9');
    strikes(peers, 3);
    peers.byebye(peer);
    hear('10.1.2.9', 2);
    expect([peers.isBanned(peer), peers.isAlive(peer)]).toEqual([true, false]);
  });

  it('stays banned when this computer leaves the subnet and returns', () => {
    const { peers, hear } = table([adapter('lan', '10.1.2.7')]);
    hear('10.1.2.9');
    strikes(peers, 3);
    expect(peers.setInterfaces([adapter('lan', '10.1.3.7')])).toEqual([peer]);
    peers.setInterfaces([adapter('lan', '10.1.2.7')]);
    hear('10.1.2.9');
    expect([peers.isBanned(peer), peers.isAlive(peer)]).toEqual([true, false]);
  });

  it('does not start counting anew with a goodbye', () => {
    const { peers, hear } = table([adapter('lan', '10.1.2.7')]);
    hear('10.1.2.9');
    strikes(peers, 2);
    peers.byebye(peer);
    hear('10.1.2.9', 2);
    expect(peers.isAlive(peer)).toBe(true);
    expect(peers.noteBadBlock(peer)).toBe(true);
  });
});

describe('a peer that asks before it was heard', () => {
  it('is there for the unavailable peer timeout, and nobody who can be spoken to', () => {
    const { peers, pass } = table([adapter('lan', '10.0.0.1')]);
    expect(peers.isThere(peer)).toBe(false);
    peers.asked(peer, address('10.0.0.2'));
    peers.prune();
    expect(peers.isThere(peer)).toBe(true);
    expect(peers.isAlive(peer)).toBe(false);
    expect(peers.find(peer)).toBeNull();
    pass(180_001);
    expect(peers.isThere(peer)).toBe(false);
  });

  it('is not there when it asks from elsewhere, says goodbye, is revoked, or its subnet is gone', () => {
    const { peers } = table([adapter('lan', '10.0.0.1')]);
    peers.asked(peer, address('10.9.0.2'));
    expect(peers.isThere(peer)).toBe(false);
    peers.asked(peer, address('10.0.0.2'));
    peers.byebye(peer);
    expect(peers.isThere(peer)).toBe(false);
    peers.asked(peer, address('10.0.0.2'));
    peers.setRevoked([peer]);
    expect(peers.isThere(peer)).toBe(false);
    peers.setRevoked([]);
    expect(peers.isThere(peer)).toBe(true);
    peers.setInterfaces([adapter('wifi', '10.7.0.1')]);
    expect(peers.isThere(peer)).toBe(false);
  });

  it('is judged by its words once one was heard', () => {
    const { peers, hear, pass } = table([adapter('lan', '10.0.0.1')]);
    peers.asked(peer, address('10.0.0.2'));
    hear('10.0.0.2');
    pass(10);
    peers.markUnreachable(peer);
    expect(peers.isThere(peer)).toBe(false);
  });
});

describe('a peer with several addresses', () => {
  const own = [adapter('lan', '10.1.2.7'), adapter('dock', '10.1.4.7')];

  it('keeps the one by which it is known while that is heard', () => {
    const { peers, hear, pass } = table(own);
    hear('10.1.2.9');
    for (let round = 0; round < 10; round++) {
      pass(60_000);
      expect(hear('10.1.4.9')).toBe('refreshed');
      expect(hear('10.1.2.9')).toBe('refreshed');
      expect(formatCidr(peers.find(peer)?.subnet ?? cidr('0.0.0.0/0'))).toBe('10.1.2.0/24');
    }
  });

  it('is known by the other one when the first has fallen silent, or does not answer', () => {
    const silent = table(own);
    silent.hear('10.1.2.9');
    for (let round = 0; round < 5; round++) {
      silent.pass(60_000);
      silent.hear('10.1.4.9');
    }
    expect(silent.peers.find(peer)?.address).toBe(address('10.1.4.9'));
    const unreachable = table(own);
    unreachable.hear('10.1.2.9');
    unreachable.pass(1);
    unreachable.peers.markUnreachable(peer);
    unreachable.hear('10.1.4.9');
    expect(unreachable.peers.find(peer)?.address).toBe(address('10.1.4.9'));
  });

  it('is known by another address of the same subnet at once: it has got a new one', () => {
    const { peers, hear } = table(own);
    hear('10.1.2.9');
    expect(hear('10.1.2.10')).toBe('changed');
    expect(peers.find(peer)?.address).toBe(address('10.1.2.10'));
  });
});

describe('what a peer has announced', () => {
  it('is remembered by its latest word, and of made-up packages no more than a few hundred', () => {
    const { peers, hear } = table([adapter('lan', '10.0.0.1')]);
    hear('10.0.0.2');
    const told = (number: number, state: 'downloading' | 'ready') => ({
      key: number.toString(16).padStart(40, '0') as PackageKey,
      state,
      blocks: 1,
    });
    peers.noteAnnounced(peer, 1, [told(0, 'downloading')]);
    for (let number = 1; number <= 10_000; number++)
      peers.noteAnnounced(peer, 1, [told(number, 'ready'), told(0, 'ready')]);
    const known = () => {
      const numbers = Array.from({ length: 10_001 }, (_, number) => number);
      return numbers.filter((number) => peers.announcedBy(peer, told(number, 'ready').key) !== null);
    };
    expect(known()).toHaveLength(256);
    expect(peers.announcedBy(peer, told(0, 'ready').key)?.state).toBe('ready');
    expect(known().at(-1)).toBe(10_000);
    hear('10.0.0.2', 2);
    expect(known()).toEqual([]);
  });
});
