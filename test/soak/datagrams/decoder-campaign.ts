import fc from 'fast-check';
import { parseResponseHead } from '../../../electron/agent-worker/http-response-head.ts';
import { maxDatagramBytes } from '../../../shared/agent/datagram-message.ts';
import { decodeDatagram, encodeSignedPart, sealDatagram } from '../../../shared/agent/datagrams/datagram-codec.ts';
import { requestedRange } from '../../../shared/base/byte-range.ts';
import { Xoshiro128 } from '../../../shared/base/prng.ts';
import { envelope, message } from '../../helpers/datagram-arbitraries.ts';
import type { Campaign } from '../support/campaign.ts';
import { Failures } from '../support/campaign.ts';
import { mutated, oneOf } from '../support/choices.ts';

/** Datagrams and heads that are mutated, once or several times over. */
const sampleSize = 400;

const heads = [
  'HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\ncontent-length: 2097152\r\n\r\n',
  'HTTP/1.1 503 Service Unavailable\r\nretry-after: 2\r\ncontent-length: 77\r\nconnection: close\r\n\r\n',
  'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n',
].map((text) => Buffer.from(text));
const ranges = ['bytes=0-99', 'bytes=-5', 'bytes=17-', 'bytes=0-0,4-9'].map((text) => Buffer.from(text));

/** The functions that take bytes of a network in, alone: they never throw, and what they accept they write the same. */
export const decoderCampaign: Campaign = {
  name: 'decoders',
  what: 'random and mutated bytes to the decoders: none throws, what one accepts means one thing',
  fullCount: 5_000_000,
  shareCount: 100_000,
  run: async ({ count, seed, progress }) => {
    const random = new Xoshiro128(seed);
    const failures = new Failures();
    const messages = fc.sample(message, { seed, numRuns: sampleSize });
    const envelopes = fc.sample(envelope, { seed, numRuns: sampleSize });
    const datagrams = messages.map((of) => {
      const signedPart = encodeSignedPart(oneOf(random, envelopes), of);
      return sealDatagram(signedPart, new Uint8Array(32));
    });
    let accepted = 0;
    for (let done = 1; done <= count; done++) {
      const source = oneOf(random, [datagrams, datagrams, datagrams, datagrams, datagrams, datagrams, heads, ranges]);
      let bytes: Buffer = Buffer.from(oneOf(random, source as readonly Uint8Array[]));
      const times = 1 + random.below(3);
      for (let time = 0; time < times; time++) {
        bytes = mutated(random, bytes, oneOf(random, source as readonly Uint8Array[]), maxDatagramBytes + 100);
      }
      try {
        if (source === heads) parseResponseHead(bytes);
        else if (source === ranges) requestedRange(bytes.toString('latin1'), 2_097_152);
        else if (isAcceptedAlike(bytes)) accepted++;
      } catch (error) {
        const text = error instanceof Error ? error.stack : String(error);
        failures.add(`case ${done}, ${bytes.toString('hex')}: ${text}`);
      }
      progress(done);
    }
    return { failures: failures.texts, figures: { accepted } };
  },
};

/** False for what is refused; throws where an accepted datagram does not mean what it says when it is written again. */
function isAcceptedAlike(bytes: Buffer): boolean {
  const first = decodeDatagram(bytes);
  if (first === null) return false;
  const again = decodeDatagram(sealDatagram(encodeSignedPart(first.envelope, first.message), first.mac));
  if (JSON.stringify([again?.envelope, again?.message]) !== JSON.stringify([first.envelope, first.message])) {
    throw new Error(`read as ${JSON.stringify(first.message)}, written and read as ${JSON.stringify(again?.message)}`);
  }
  return true;
}
