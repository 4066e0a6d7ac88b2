import { performance } from 'node:perf_hooks';
import { Xoshiro128 } from '../../../shared/base/prng.ts';
import { eventually } from '../../notification-server/support/test-server.ts';
import type { CampaignOutcome, CampaignRun, Failures } from '../support/campaign.ts';
import { checkMemory } from '../support/memory-bound.ts';
import type { Measurement } from '../support/target-messages.ts';
import { attack } from './attacks.ts';
import type { HttpSubject } from './http-subject.ts';
import { SlowSenders } from './slow-senders.ts';

const attacksAtOnce = 32;
const slowSendersOfEachKind = 3;
/** Attacks between two right requests. */
const probeEvery = 200;
const warmUpShare = 0.1;
/** Longer than any time that the listener gives a connection. */
const connectionsGoWithinMs = 90_000;

/** Attacks the subject, asks it something right all the while, and looks at what is left of the attacks at the end. */
export async function attackListener(
  subject: HttpSubject,
  { count, seed, progress }: CampaignRun,
  failures: Failures,
): Promise<CampaignOutcome> {
  const { target } = subject;
  await subject.probe();
  const atRest = await target.measure();
  const slow = new SlowSenders(subject, (text) => failures.add(text));
  const figures: Record<string, number> = {};
  const kinds: Record<string, number> = {};
  const startedMs = performance.now();
  let memoryBefore: Measurement | null = null;
  let begun = 0;
  let probes = 0;
  const lane = async (): Promise<void> => {
    while (begun < count && !target.hasEnded && failures.count === 0) {
      const index = begun++;
      try {
        const kind = await attack(new Xoshiro128((seed ^ Math.imul(index + 1, 0x9e3779b1)) >>> 0), subject);
        kinds[kind] = (kinds[kind] ?? 0) + 1;
        if (index % probeEvery === 0) {
          await subject.probe();
          probes++;
        }
        if (memoryBefore === null && index >= count * warmUpShare) memoryBefore = await target.measure();
      } catch (error) {
        failures.add(`attack ${index}: ${error instanceof Error ? error.message : String(error)}`);
      }
      progress(begun, `${probes} right requests answered`);
    }
  };
  try {
    await slow.start(slowSendersOfEachKind);
    await Promise.all(Array.from({ length: attacksAtOnce }, lane));
    const perSecond = Math.round((1000 * begun) / (performance.now() - startedMs));
    slow.stop();
    Object.assign(figures, { attacks: begun, perSecond, rightRequests: probes, ...slow.figures });
    if (memoryBefore !== null && !target.hasEnded) {
      const after = await settled(subject, atRest, failures);
      Object.assign(figures, checkMemory(memoryBefore, after, failures, begun), { sockets: after.sockets });
      await subject.probe();
    }
  } catch (error) {
    failures.add(error instanceof Error ? (error.stack ?? error.message) : String(error));
  } finally {
    slow.stop();
  }
  return { failures: failures.texts, figures: { ...figures, ...kinds } };
}

/** Measures once no more connections are open than before the first attack. */
async function settled({ target }: HttpSubject, atRest: Measurement, failures: Failures): Promise<Measurement> {
  return eventually(
    'the connections are gone',
    async () => {
      const now = await target.measure();
      return now.sockets <= atRest.sockets ? now : null;
    },
    connectionsGoWithinMs,
  ).catch(async () => {
    const now = await target.measure();
    failures.add(`${now.sockets} sockets are open at the end, ${atRest.sockets} were before`);
    return now;
  });
}
