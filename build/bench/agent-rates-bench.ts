/**
 * Whether rates are what the policy says: maximum upload shared by four peers (once with a slow one among them), maximum
 * download, and the WAN limit of a site at the server, each over 10 seconds of real sockets. The built product in its own
 * processes; peers of the upload are plain HTTPS clients with the certificates of agents, so that they count for themselves.
 *
 *   npm run bench:rates -- [--kbps 20000] [--folder PATH]
 *
 * Prints one JSON line. Exits with 1 where a rate is off by more than 5 %, or where shares are unfair: Jain's index below
 * 0.95, of what each peer got over what max-min sharing gives it (https://www.cs.wustl.edu/~jain/papers/ftp/fairness.pdf).
 */
import { readFileSync, statSync } from 'node:fs';
import { Agent, request } from 'node:https';
import path from 'node:path';
import { writeRandomFile } from '../lab/random-file.ts';
import { eventually } from '../lab/waiting.ts';
import { scriptOptions, wholeNumber } from '../script-options.ts';
import type { BenchAgent, Stage } from './agent-stage.ts';
import { withStage } from './agent-stage.ts';

const { values } = scriptOptions(import.meta.filename, {
  options: { kbps: { type: 'string', default: '20000' }, folder: { type: 'string' } },
});
/** 1,000 bytes a second. */
const limit = wholeNumber('kbps', values.kbps, 1);
const windowMs = 10_000;
/** Kernel buffers of a slow peer fill first, at more than its own rate. */
const settleMs = 5000;
const blockBytes = 2 * 1024 * 1024;
const packageMib = Math.ceil((limit * 1000 * 40) / 1024 / 1024 / 8) * 8;
const subnet = '127.77.3';
const recordBytes = 12;

interface Peer {
  /** Bytes of bodies since the start. */
  readonly received: () => number;
  readonly stop: () => void;
}

interface Identity {
  readonly agentId: string;
  readonly privateKeyPem: string;
  readonly certificatePem: string;
  readonly caCertificatePem: string;
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Asks for one block after the other, and reads no faster than `bytesPerSecond`. */
function startPeer(
  holder: { readonly agentId: string; readonly address: string; readonly port: number },
  identity: Identity,
  address: string,
  blockPaths: readonly string[],
  bytesPerSecond: number,
): Peer {
  const agent = new Agent({
    keepAlive: true,
    maxSockets: 1,
    localAddress: address,
    servername: `${holder.agentId}.agent.fanout`,
    key: identity.privateKeyPem,
    cert: identity.certificatePem,
    ca: identity.caCertificatePem,
  });
  let received = 0;
  let isStopped = false;
  const fetchBlock = (blockPath: string): Promise<boolean> =>
    new Promise((resolve) => {
      const outgoing = request({ host: holder.address, port: holder.port, path: blockPath, agent });
      outgoing.on('error', () => resolve(false));
      outgoing.on('response', (response) => {
        const isBlock = response.statusCode === 200;
        response.on('data', (part: Buffer) => {
          if (!isBlock) return;
          received += part.length;
          if (bytesPerSecond === Number.POSITIVE_INFINITY) return;
          response.pause();
          setTimeout(() => response.resume(), (part.length / bytesPerSecond) * 1000);
        });
        response.on('error', () => resolve(false));
        response.on('end', () => resolve(isBlock));
      });
      outgoing.end();
    });
  void (async () => {
    for (let turn = 0; !isStopped; turn++) {
      const isStored = await fetchBlock(blockPaths[turn % blockPaths.length] ?? '');
      if (!isStored && !isStopped) await sleep(20);
    }
  })();
  return {
    received: () => received,
    stop: () => {
      isStopped = true;
      agent.destroy();
    },
  };
}

/** Bytes of each counter over the window. */
async function overWindow(
  counters: readonly (() => number | Promise<number>)[],
): Promise<{ bytes: number[]; seconds: number }> {
  await sleep(settleMs);
  const before = await Promise.all(counters.map((count) => count()));
  const startedAtMs = performance.now();
  await sleep(windowMs);
  const after = await Promise.all(counters.map((count) => count()));
  const seconds = (performance.now() - startedAtMs) / 1000;
  return { bytes: after.map((value, index) => value - (before[index] ?? 0)), seconds };
}

/** What each is given of `total` where nobody gets more than it takes and the rest is shared equally. */
function maxMinShares(total: number, wants: readonly number[]): number[] {
  const shares = wants.map(() => 0);
  let left = total;
  let open = wants.map((_, index) => index);
  while (open.length > 0) {
    const equal = left / open.length;
    const satisfied = open.filter((index) => (wants[index] ?? 0) <= equal);
    for (const index of satisfied.length > 0 ? satisfied : open) {
      shares[index] = Math.min(equal, wants[index] ?? 0);
      left -= shares[index] ?? 0;
    }
    open = satisfied.length > 0 ? open.filter((index) => !satisfied.includes(index)) : [];
  }
  return shares;
}

function jainIndex(ratios: readonly number[]): number {
  const sum = ratios.reduce((all, ratio) => all + ratio, 0);
  return sum ** 2 / (ratios.length * ratios.reduce((all, ratio) => all + ratio ** 2, 0));
}

async function upload(
  holder: { readonly agentId: string; readonly address: string; readonly port: number },
  identities: readonly Identity[],
  blocksPath: string,
  peerLimits: readonly number[],
) {
  const blocks = Math.floor((packageMib * 1024 * 1024) / blockBytes);
  const peers = identities.map((identity, index) => {
    const own = Array.from({ length: blocks }, (_, block) => block).filter(
      (block) => block % identities.length === index,
    );
    const paths = own.map((block) => `${blocksPath}/${block}`);
    return startPeer(
      holder,
      identity,
      `${subnet}.${100 + index}`,
      paths,
      peerLimits[index] ?? Number.POSITIVE_INFINITY,
    );
  });
  const { bytes, seconds } = await overWindow(peers.map(({ received }) => received));
  for (const peer of peers) peer.stop();
  const rates = bytes.map((value) => value / seconds);
  const ideal = maxMinShares(limit * 1000, peerLimits);
  return {
    kilobytesPerSecond: Math.round(rates.reduce((sum, rate) => sum + rate, 0) / 1000),
    ofSetting: rounded(rates.reduce((sum, rate) => sum + rate, 0) / (limit * 1000)),
    byPeer: rates.map((rate) => Math.round(rate / 1000)),
    jainIndex: rounded(jainIndex(rates.map((rate, index) => rate / (ideal[index] ?? 1)))),
  };
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}

async function enrolledIdentities({ folder, startAgent }: Stage, count: number): Promise<Identity[]> {
  const identities: Identity[] = [];
  for (let index = 0; index < count; index++) {
    const agent = await startAgent(`peer-${index}`, `${subnet}.${50 + index}`);
    await agent.stop();
    identities.push(JSON.parse(readFileSync(path.join(folder, `peer-${index}`, 'identity.json'), 'utf8')) as Identity);
  }
  return identities;
}

/** Bytes of verified blocks, from the journal that an agent keeps of them. */
function heldBytes(folder: string, name: string, key: string): number {
  const journal = path.join(folder, name, 'packages', key, 'blocks.journal');
  const size = statSync(journal, { throwIfNoEntry: false })?.size ?? 0;
  return Math.floor(size / recordBytes) * blockBytes;
}

const result = await withStage(values.folder === undefined ? {} : { folder: values.folder }, async (stage) => {
  const { folder, server, startAgent, port } = stage;
  const file = path.join(folder, 'package.bin');
  await writeRandomFile(file, packageMib * 1024 * 1024);
  const { guid, version, key } = await server.importFile(file);
  const { policyId } = await server.addSubnet(`${subnet}.0/24`, { maxUpload: limit }, 0);
  const identities = await enrolledIdentities(stage, 4);
  const deliverTo = (agent: BenchAgent) =>
    server.call('POST', '/deliveries', {
      guid,
      version,
      target: { kind: 'agents', agentIds: [agent.agentId] },
      priority: 'normal',
    });
  const sender = await startAgent('sender', `${subnet}.1`);
  await deliverTo(sender);
  await sender.ready(key);
  const holder = { agentId: sender.agentId, address: `${subnet}.1`, port };
  const blocksPath = `/peer/v1/packages/${guid}/${version}/blocks`;
  const free = Number.POSITIVE_INFINITY;
  const uploadEqual = await upload(holder, identities, blocksPath, [free, free, free, free]);
  const slowBytesPerSecond = limit * 50;
  const uploadWithSlowPeer = await upload(holder, identities, blocksPath, [slowBytesPerSecond, free, free, free]);

  await server.changeSettings(policyId, { maxUpload: 0, maxDownload: limit });
  const receiver = await startAgent('receiver', `${subnet}.2`);
  await deliverTo(receiver);
  await eventually('the receiver has a block', () => heldBytes(folder, 'receiver', key) > 0 || null, 60_000);
  const down = await overWindow([() => heldBytes(folder, 'receiver', key)]);
  await receiver.stop();
  const download = rateOf(down);

  // Another site, whose agent has nobody to ask but the server.
  await server.addSubnet('127.77.4.0/24', {}, limit * 8);
  const remote = await startAgent('remote', '127.77.4.1');
  await deliverTo(remote);
  const sentBytes = async (): Promise<number> => {
    const { wanCopies } = (await server.call('GET', '/overview')) as {
      wanCopies: { subnet: string; wanBytes: number }[];
    };
    return wanCopies.find((line) => line.subnet === '127.77.4.0/24')?.wanBytes ?? 0;
  };
  await eventually('the server sends', async () => (await sentBytes()) > 0 || null, 60_000);
  return {
    settingKilobytesPerSecond: limit,
    uploadEqual,
    uploadWithSlowPeer,
    download,
    site: rateOf(await overWindow([sentBytes])),
  };
});
console.log(JSON.stringify(result));

function rateOf({ bytes, seconds }: { bytes: readonly number[]; seconds: number }) {
  const rate = (bytes[0] ?? 0) / seconds;
  return { kilobytesPerSecond: Math.round(rate / 1000), ofSetting: rounded(rate / (limit * 1000)) };
}

const { uploadEqual, uploadWithSlowPeer, download, site } = result;
const isExact = [uploadEqual, uploadWithSlowPeer, download, site].every(
  ({ ofSetting }) => Math.abs(ofSetting - 1) <= 0.05,
);
const isFair = uploadEqual.jainIndex >= 0.95 && uploadWithSlowPeer.jainIndex >= 0.95;
if (!isExact || !isFair) process.exitCode = 1;
