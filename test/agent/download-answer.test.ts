import { describe, expect, it } from 'vitest';
import type { DownloadSituation } from '../../shared/agent/download-answer.ts';
import { downloadAnswer } from '../../shared/agent/download-answer.ts';
import { TransferTally } from '../../shared/agent/transfer-tally.ts';
import type { AgentId, PackageKey } from '../../shared/base/ids.ts';
import { ManualClock } from './support/manual-clock.ts';

const ann = 'a'.repeat(32) as AgentId;
const bob = 'b'.repeat(32) as AgentId;
const key = 'cd'.repeat(20) as PackageKey;
const names = new Map([
  [ann, 'ann-pc'],
  [bob, 'bob-pc'],
]);

function situation(of: Partial<DownloadSituation>): DownloadSituation {
  return {
    inFlight: [],
    runs: [],
    nameOf: (peer) => names.get(peer) ?? '',
    ownSubnets: ['10.1.2.0/24'],
    throttleSentence: null,
    ...of,
  };
}

const ofServer = { source: 'package-server-own-site', reason: 'package-server-of-site', peer: null } as const;
const fromPeer = (peer: AgentId) => ({ source: 'peer', reason: 'peer-has-block', peer }) as const;

describe('the answer to "from where, and why?"', () => {
  it('names the server, and that nobody in the subnet could give', () => {
    expect(downloadAnswer(situation({ inFlight: [ofServer] }))).toEqual({
      sentence:
        'Downloading from the Package Server of the site, because no other computer in 10.1.2.0/24 had these blocks to pass on.',
      sinceMs: null,
    });
  });

  it('says since when the run of blocks from there goes on', () => {
    const clock = new ManualClock();
    const tally = new TransferTally(clock);
    tally.count(key, ofServer.source, ofServer.reason, null, 10);
    const sinceMs = clock.wallTimeMs();
    clock.now += 30_000;
    tally.count(key, ofServer.source, ofServer.reason, null, 10);
    expect(downloadAnswer(situation({ inFlight: [ofServer], runs: tally.runsOf(key) }))?.sinceMs).toBe(sinceMs);
    clock.now += 61_000;
    expect(tally.runsOf(key)).toEqual([]);
    tally.count(key, ofServer.source, ofServer.reason, null, 10);
    expect(tally.runsOf(key)[0]?.sinceMs).toBe(clock.wallTimeMs());
    expect(tally.ofKey(key)).toEqual([{ source: ofServer.source, reason: ofServer.reason, bytes: 30, blocks: 3 }]);
  });

  it('names peers, puts the source of most requests first and tells the others', () => {
    const answer = downloadAnswer(situation({ inFlight: [ofServer, fromPeer(ann), fromPeer(bob)] }));
    expect(answer?.sentence).toBe(
      'Downloading from ann-pc and bob-pc, because they have the blocks. At the same time from the Package Server of the site.',
    );
  });

  it('counts peers whose names it does not know', () => {
    const unknown = 'f'.repeat(32) as AgentId;
    expect(downloadAnswer(situation({ inFlight: [fromPeer(ann), fromPeer(unknown)] }))?.sentence).toBe(
      'Downloading from 2 other computers, because they have the blocks.',
    );
  });

  it('says that a throttling period makes servers slow, and nothing of it where only peers send', () => {
    const throttleSentence = 'Downloads from servers are limited to 20 KB/s.';
    expect(downloadAnswer(situation({ inFlight: [ofServer], throttleSentence }))?.sentence).toContain('20 KB/s');
    expect(downloadAnswer(situation({ inFlight: [fromPeer(ann)], throttleSentence }))?.sentence).not.toContain('KB/s');
  });

  it('between two blocks tells of the newest one, and of nothing where none came', () => {
    const tally = new TransferTally(new ManualClock());
    tally.count(key, 'peer', 'following-claim', bob, 10);
    expect(downloadAnswer(situation({ runs: tally.runsOf(key) }))?.sentence).toBe(
      'Downloading from bob-pc, because it fetches the package over the WAN link and passes it on.',
    );
    expect(downloadAnswer(situation({}))).toBeNull();
  });
});
