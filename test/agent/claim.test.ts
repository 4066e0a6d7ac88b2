import { describe, expect, it } from 'vitest';
import type { ClaimChange } from '../../shared/agent/claim.ts';
import { Claim } from '../../shared/agent/claim.ts';
import type { ClaimSituation } from '../../shared/agent/claim-situation.ts';
import type { DatagramMessage } from '../../shared/agent/datagram-message.ts';
import { rankByHrw } from '../../shared/base/hrw.ts';
import type { AgentId, PackageKey } from '../../shared/base/ids.ts';

const key = 'ab'.repeat(20) as PackageKey;
const everybody = ['1', '2', '3', '4'].map((digit) => digit.repeat(32) as AgentId);
const fifth = '5'.repeat(32) as AgentId;
/** In falling order of HRW weight for the key. */
const [first, second, third, last] = rankByHrw(everybody, key) as [AgentId, AgentId, AgentId, AgentId];

const alone: ClaimSituation = {
  needsWan: true,
  blocksHere: 0,
  isUpToDateWithClaimer: true,
  followers: [],
  laneCount: 1,
  isStillFetching: () => true,
  isServing: true,
  isInstalling: false,
  isEmergency: false,
  rateCapBytesPerSecond: 0,
  isStartPhase: false,
  haveAllSpoken: () => false,
  isLagging: false,
  isLookingUp: false,
};

/** Those, and no lane that is none of them. */
function present(followers: readonly AgentId[]): Pick<ClaimSituation, 'followers' | 'isStillFetching'> {
  return { followers, isStillFetching: (peer) => followers.includes(peer) };
}

function claimMessage(
  claimer: AgentId,
  epoch: number,
  changes: Partial<Extract<DatagramMessage, { kind: 'claim' }>> = {},
) {
  return {
    kind: 'claim',
    key,
    epoch,
    lanes: [claimer],
    rateCapBytesPerSecond: 0,
    progressBytes: 0,
    failures: 0,
    ...changes,
  } as const;
}

class Stage {
  readonly said: { atMs: number; message: DatagramMessage }[] = [];
  readonly told: { to: AgentId; message: DatagramMessage }[] = [];
  readonly probed: AgentId[] = [];
  readonly changes: ClaimChange[] = [];
  readonly claim: Claim;
  nowMs = 0;
  situation = alone;

  constructor(ownId: AgentId) {
    this.claim = new Claim(ownId, key, {
      broadcast: (message) => this.said.push({ atMs: this.nowMs, message }),
      tell: (to, message) => this.told.push({ to, message }),
      probe: (claimer) => this.probed.push(claimer),
      changed: (change) => this.changes.push(change),
    });
  }

  /** Lets time pass as a timer would: from one asked-for step to the next. */
  until(endMs: number): void {
    for (let steps = 0; steps < 10_000; steps++) {
      const nextMs = this.claim.step(this.nowMs, this.situation);
      if (nextMs > endMs) break;
      this.nowMs = Math.max(nextMs, this.nowMs + 1);
    }
    this.nowMs = endMs;
    this.claim.step(this.nowMs, this.situation);
  }

  times(kind: DatagramMessage['kind']): number[] {
    return this.said.filter(({ message }) => message.kind === kind).map(({ atMs }) => atMs);
  }
}

describe('who installs something', () => {
  const installing = { ...alone, isServing: false, isInstalling: true, ...present([second]) };

  it.each([
    ['for longer than a command may take', false, 3_900_000],
    ['for five minutes where it is an emergency', true, 300_000],
  ] as const)('leaves the claim to others %s, and fetches for itself then', (_, isEmergency, leavesMs) => {
    const stage = new Stage(first);
    stage.situation = { ...installing, isEmergency };
    stage.until(leavesMs);
    expect(stage.claim.isAlone).toBe(false);
    stage.until(leavesMs + 1000);
    expect(stage.claim.isAlone).toBe(true);
  });
});

describe('a claim', () => {
  it('asks twice, gathers 250 ms, claims, and fetches only after 150 ms uncontested', () => {
    const stage = new Stage(first);
    stage.until(250);
    expect(stage.times('want')).toEqual([0, 100]);
    expect(stage.times('claim')).toEqual([250]);
    stage.until(399);
    expect(stage.claim.wanLane(stage.nowMs)).toBeNull();
    stage.until(400);
    expect(stage.claim.wanLane(stage.nowMs)).toEqual({ index: 0, count: 1 });
  });

  it('is repeated at 0, 75 and 200 ms against loss, then every second', () => {
    const stage = new Stage(first);
    stage.until(3000);
    expect(stage.times('claim')).toEqual([250, 325, 450, 1450, 2450]);
  });

  it('gathers for a second while the computers of a subnet are starting', () => {
    const stage = new Stage(first);
    stage.situation = { ...alone, isStartPhase: true, haveAllSpoken: () => true };
    stage.until(999);
    expect(stage.times('claim')).toEqual([]);
    stage.until(1000);
    expect(stage.times('claim')).toEqual([1000]);
  });

  it('stops gathering as soon as everybody who is known has spoken, but hears answers for 50 ms', () => {
    const stage = new Stage(first);
    stage.situation = { ...alone, haveAllSpoken: () => true };
    stage.until(49);
    expect(stage.times('claim')).toEqual([]);
    stage.until(50);
    expect(stage.times('claim')).toEqual([50]);
  });

  it('waits for its turn among those who want the package', () => {
    const stage = new Stage(third);
    stage.situation = { ...alone, followers: [first, second, last] };
    stage.until(250 + 2 * 150 - 1);
    expect(stage.times('claim')).toEqual([]);
    stage.until(250 + 2 * 150);
    expect(stage.times('claim')).toEqual([550]);
  });

  it('is not made while peers hold everything', () => {
    const stage = new Stage(first);
    stage.until(200);
    stage.situation = { ...alone, needsWan: false };
    stage.until(5000);
    expect(stage.times('claim')).toEqual([]);
    expect(stage.claim.role).toBe('none');
  });

  it('follows a claim instead of fetching over the WAN', () => {
    const stage = new Stage(first);
    stage.until(100);
    stage.claim.heardClaim(last, 7, claimMessage(last, 1), stage.nowMs);
    stage.until(2000);
    expect(stage.claim.role).toBe('following');
    expect(stage.claim.wanLane(stage.nowMs)).toBeNull();
    expect(stage.times('claim')).toEqual([]);
  });

  it('yields to a higher rank with the same epoch and tells that it lost', () => {
    const stage = new Stage(second);
    stage.until(600);
    stage.claim.heardClaim(first, 7, claimMessage(first, 1), stage.nowMs);
    expect(stage.claim.role).toBe('following');
    expect(stage.changes).toEqual(['claimed', 'lost']);
    expect(stage.claim.wanLane(10_000)).toBeNull();
  });

  it('stands against a lower rank and says so at once, but never twice within 75 ms', () => {
    const stage = new Stage(first);
    stage.until(1600);
    const before = stage.times('claim').length;
    stage.claim.heardClaim(second, 7, claimMessage(second, 1), stage.nowMs);
    stage.claim.heardClaim(second, 7, claimMessage(second, 1), stage.nowMs);
    stage.until(1610);
    expect(stage.times('claim').length).toBe(before + 1);
    expect(stage.claim.role).toBe('first-downloader');
  });

  it('yields to a higher epoch whatever the rank', () => {
    const stage = new Stage(first);
    stage.until(600);
    stage.claim.heardClaim(last, 7, claimMessage(last, 2), stage.nowMs);
    expect(stage.claim.role).toBe('following');
  });

  it('ignores a claim of an epoch that is over', () => {
    const stage = new Stage(first);
    stage.claim.heardClaim(second, 7, claimMessage(second, 3), 0);
    stage.claim.heardClaim(third, 7, claimMessage(third, 2), 10);
    expect(stage.claim.current?.claimer).toBe(second);
  });

  it('probes a claimer that was silent for 3 s and takes over with the next epoch when the probe fails', () => {
    const stage = new Stage(second);
    stage.situation = { ...alone, followers: [first] };
    stage.claim.heardClaim(first, 7, claimMessage(first, 4), 0);
    stage.until(2999);
    expect(stage.probed).toEqual([]);
    stage.until(3000);
    expect(stage.probed).toEqual([first]);
    stage.claim.probeFailed(first, stage.nowMs, stage.situation);
    stage.until(3001);
    expect(stage.changes).toEqual(['following', 'taken-over']);
    expect(stage.claim.current).toMatchObject({ claimer: second, epoch: 5 });
  });

  it('looks after a claimer at once when its connections break', () => {
    const stage = new Stage(second);
    stage.claim.heardClaim(first, 7, claimMessage(first, 1), 0);
    stage.claim.suspect(first);
    stage.until(1);
    expect(stage.probed).toEqual([first]);
  });

  it('believes a claimer that answers probes but claims no longer only twice', () => {
    const stage = new Stage(second);
    stage.claim.heardClaim(first, 7, claimMessage(first, 1), 0);
    for (let probes = 0; probes < 3; probes++) {
      stage.until(stage.nowMs + 3000);
      stage.claim.probeAnswered(first, true, stage.nowMs);
    }
    expect(stage.probed).toHaveLength(3);
    expect(stage.claim.current).toBeNull();
  });

  it('takes over from a claimer that is stuck although everything it has was taken', () => {
    const stage = new Stage(second);
    for (let atMs = 0; atMs <= 10_000; atMs += 1000) {
      stage.until(atMs);
      if (stage.claim.role !== 'first-downloader')
        stage.claim.heardClaim(first, 7, claimMessage(first, 1, { progressBytes: 5 }), atMs);
    }
    stage.until(10_500);
    expect(stage.changes).toContain('taken-over');
  });

  /** Until when a claim whose first block grows by 1 KB a second stands. */
  function patienceMs(epoch: number): number {
    const stage = new Stage(second);
    for (let atMs = 0; atMs <= 600_000; atMs += 1000) {
      stage.until(atMs);
      if (stage.changes.includes('taken-over')) return atMs;
      stage.claim.heardClaim(first, 7, claimMessage(first, epoch, { progressBytes: atMs }), atMs);
    }
    return Number.POSITIVE_INFINITY;
  }

  it('waits two minutes for a first block that grows slowly, and twice as long with each claim after that', () => {
    expect(patienceMs(1)).toBeCloseTo(120_000, -4);
    expect(patienceMs(2)).toBeCloseTo(240_000, -4);
    expect(patienceMs(3)).toBeCloseTo(480_000, -4);
  });

  it('lets a claimer take as long for the next blocks as it took for the ones before', () => {
    const stage = new Stage(second);
    const blockBytes = 2 ** 21;
    // 40 s a block, 50 KB/s.
    for (let atMs = 0; atMs <= 400_000; atMs += 1000) {
      stage.until(atMs);
      const progressBytes = Math.min(5 * blockBytes, Math.floor((atMs * blockBytes) / 40_000));
      stage.claim.heardClaim(first, 7, claimMessage(first, 1, { progressBytes }), atMs);
      if (stage.changes.includes('taken-over')) break;
    }
    // Five blocks in 200 s, then four times 40 s without a sixth.
    expect(stage.nowMs).toBeCloseTo(360_000, -4);
  });

  it('takes nothing for a pace of which it has heard the end only', () => {
    const stage = new Stage(second);
    const blockBytes = 2 ** 21;
    // 11 s a block; the claim is heard half a second before a block ends.
    for (let atMs = 0; atMs <= 100_000; atMs += 500) {
      stage.until(atMs);
      const progressBytes = Math.floor(((atMs + 10_500) * blockBytes) / 11_000);
      stage.claim.heardClaim(first, 7, claimMessage(first, 1, { progressBytes }), atMs);
    }
    expect(stage.changes).toEqual(['following']);
  });

  it('of another is asked for anew after a silence in which its end may have been told', () => {
    const stage = new Stage(second);
    stage.claim.heardClaim(first, 7, claimMessage(first, 4), 0);
    stage.claim.fallSilent();
    expect(stage.claim.current).toBeNull();
    stage.nowMs = 60_000;
    stage.until(60_200);
    expect([stage.times('want'), stage.times('claim'), stage.probed]).toEqual([[60_000, 60_100], [], []]);
    stage.until(60_300);
    expect(stage.claim.current).toMatchObject({ claimer: second, epoch: 5 });
  });

  it('takes over from a claimer that stays under a quarter of its rate for 30 s', () => {
    const stage = new Stage(second);
    for (let atMs = 0; atMs <= 40_000; atMs += 1000) {
      stage.until(atMs);
      if (stage.changes.includes('taken-over')) break;
      const slow = claimMessage(first, 1, { rateCapBytesPerSecond: 1_000_000, progressBytes: atMs * 100 });
      stage.claim.heardClaim(first, 7, slow, atMs);
    }
    expect(stage.changes).toContain('taken-over');
    expect(stage.nowMs).toBeGreaterThanOrEqual(30_000);
  });

  it('does not call a claimer slow whose blocks have not been taken yet', () => {
    const stage = new Stage(second);
    stage.situation = { ...alone, isUpToDateWithClaimer: false };
    for (let atMs = 0; atMs <= 60_000; atMs += 1000) {
      stage.until(atMs);
      stage.claim.heardClaim(first, 7, claimMessage(first, 1, { progressBytes: 5 }), atMs);
    }
    expect(stage.changes).toEqual(['following']);
  });

  it('keeps quiet for the time a release names, then the successor claims first', () => {
    const successor = new Stage(last);
    const other = new Stage(first);
    const release = { kind: 'release', key, epoch: 1, retryAfterMs: 5000, failures: 1, successor: last } as const;
    for (const stage of [successor, other]) {
      stage.situation = { ...alone, followers: everybody.filter((agentId) => agentId !== second) };
      stage.claim.heardClaim(second, 7, claimMessage(second, 1), 0);
      stage.claim.heardRelease(second, release, 10);
      stage.until(5009);
      expect(stage.times('claim')).toEqual([]);
      stage.until(5012);
    }
    expect(successor.times('claim')).toEqual([5010]);
    expect(other.times('claim')).toEqual([]);
    other.until(5010 + 150 + 2);
    expect(other.times('claim')).toHaveLength(1);
  });

  it('tells a newcomer of a back-off that it cannot know of', () => {
    const stage = new Stage(first);
    stage.until(600);
    stage.claim.release(stage.nowMs, 9000, true, second);
    stage.claim.heardWant(third, 1600);
    expect(stage.told).toHaveLength(1);
    expect(stage.told[0]).toMatchObject({ to: third, message: { kind: 'release', retryAfterMs: 8000, failures: 1 } });
  });

  it('ends, whosever it is, with the release of a higher one that was not heard', () => {
    const release = { kind: 'release', key, epoch: 4, retryAfterMs: 5000, failures: 2, successor: null } as const;
    const follower = new Stage(last);
    follower.claim.heardClaim(first, 7, claimMessage(first, 1), 0);
    follower.claim.heardRelease(third, release, 100);
    expect(follower.claim.role).toBe('wanting');
    const claimer = new Stage(first);
    claimer.until(600);
    expect(claimer.claim.role).toBe('first-downloader');
    claimer.claim.heardRelease(third, release, 600);
    expect(claimer.changes).toEqual(['claimed', 'lost', 'released-by-other']);
    // Its followers may not have heard it.
    expect(claimer.said.at(-1)?.message).toEqual(release);
    expect(claimer.claim.wanLane(600)).toBeNull();
    const before = claimer.times('claim').length;
    claimer.until(5590);
    expect(claimer.times('claim')).toHaveLength(before);
    claimer.until(6000);
    expect(claimer.said.at(-1)?.message).toMatchObject({ kind: 'claim', epoch: 5, failures: 2 });
  });

  it('stands when another is released that is not higher', () => {
    const release = { kind: 'release', key, epoch: 1, retryAfterMs: 5000, failures: 1, successor: null } as const;
    const claimer = new Stage(first);
    claimer.until(600);
    claimer.claim.heardRelease(third, release, 600);
    expect(claimer.claim.role).toBe('first-downloader');
    const follower = new Stage(last);
    follower.claim.heardClaim(first, 7, claimMessage(first, 1), 0);
    follower.claim.heardRelease(third, release, 100);
    expect(follower.claim.role).toBe('following');
  });

  it('hears of a back-off from those whose higher claim it has missed', () => {
    const stage = new Stage(second);
    stage.claim.heardClaim(first, 7, claimMessage(first, 3), 0);
    const release = { kind: 'release', key, epoch: 3, retryAfterMs: 9000, failures: 1, successor: null } as const;
    stage.claim.heardRelease(first, release, 1000);
    stage.claim.heardClaim(third, 7, claimMessage(third, 1), 2000);
    expect(stage.claim.role).toBe('wanting');
    const told = { to: third, message: { ...release, retryAfterMs: 8000 } };
    expect(stage.told).toEqual([told]);
    stage.claim.heardClaim(third, 7, claimMessage(third, 1), 10_500);
    expect(stage.told).toEqual([told]);
  });

  it('ends when its claimer wants again, because a new life knows of no claim', () => {
    const stage = new Stage(second);
    stage.claim.heardClaim(first, 7, claimMessage(first, 1), 0);
    stage.claim.heardWant(first, 2000);
    expect(stage.claim.current).toBeNull();
  });

  it('ends when its claimer comes back under another boot id', () => {
    const stage = new Stage(second);
    stage.claim.heardClaim(first, 7, claimMessage(first, 1), 0);
    stage.claim.heardBoot(first, 8);
    expect(stage.claim.current).toBeNull();
  });

  it('appoints four lanes for an emergency and raises the epoch when one goes', () => {
    const stage = new Stage(first);
    stage.situation = { ...alone, laneCount: 4, ...present([second, third, last]) };
    stage.until(300);
    const before = stage.said.at(-1)?.message;
    expect(before).toMatchObject({ kind: 'claim', epoch: 1, lanes: [first, second, third, last] });
    stage.situation = { ...stage.situation, ...present([second, last]) };
    stage.until(310);
    expect(stage.said.at(-1)?.message).toMatchObject({ epoch: 2, lanes: [first, second, last] });
  });

  it('keeps the lanes it began with when others join, and replaces one that goes in its place', () => {
    const stage = new Stage(first);
    stage.situation = { ...alone, laneCount: 4, ...present([second, third]) };
    stage.until(300);
    stage.situation = { ...stage.situation, ...present([second, third, last]) };
    stage.until(2000);
    expect(stage.said.at(-1)?.message).toMatchObject({ epoch: 1, lanes: [first, second, third] });
    stage.situation = { ...stage.situation, ...present([third, last]) };
    stage.until(2010);
    expect(stage.said.at(-1)?.message).toMatchObject({ epoch: 2, lanes: [first, last, third] });
  });

  it('is a lane of its own claim, in the place of the claimer before, where all former lanes are there still', () => {
    const stage = new Stage(last);
    const former = [first, second, third, fifth];
    stage.situation = { ...alone, laneCount: 4, ...present([...former].sort()) };
    stage.claim.heardClaim(first, 7, claimMessage(first, 1, { lanes: former }), 0);
    stage.claim.heardRelease(
      first,
      { kind: 'release', key, epoch: 1, retryAfterMs: 0, failures: 0, successor: last },
      0,
    );
    stage.until(300);
    expect(stage.said.at(-1)?.message).toMatchObject({ epoch: 2, lanes: [last, second, third, fifth] });
    expect(stage.claim.wanLane(300)).toEqual({ index: 0, count: 4 });
  });

  it('says a changed appointment three times like any new claim', () => {
    const stage = new Stage(first);
    stage.situation = { ...alone, laneCount: 4, ...present([second, third, last]) };
    stage.until(1000);
    const before = stage.times('claim').length;
    stage.situation = { ...stage.situation, ...present([second, last]) };
    stage.until(1300);
    expect(stage.times('claim').slice(before)).toEqual([1000, 1075, 1200]);
  });

  it('lets an appointed lane fetch its share and no other', () => {
    const stage = new Stage(third);
    stage.claim.heardClaim(first, 7, claimMessage(first, 1, { lanes: [first, third] }), 0);
    expect(stage.claim.wanLane(149)).toBeNull();
    expect(stage.claim.wanLane(150)).toEqual({ index: 1, count: 2 });
    expect(stage.claim.role).toBe('lane');
  });
});
