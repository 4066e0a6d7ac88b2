import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import type { PackageGuid } from '../../../shared/base/ids.ts';
import type { Xoshiro128 } from '../../../shared/base/prng.ts';
import { BLOCK_SIZE_BYTES } from '../../../shared/base/units.ts';
import { peerBlockMapSchema } from '../../../shared/contracts/peer-api.ts';
import type { WorkerAgent } from '../../../shared/contracts/worker-protocol.ts';
import { setUpFleetPolicy } from '../../loopback/support/fleet-of-one-subnet.ts';
import type { TestWorker } from '../../loopback/support/worker-process.ts';
import { startWorker } from '../../loopback/support/worker-process.ts';
import { TestAgent } from '../../notification-server/support/test-agent.ts';
import type { TestServer } from '../../notification-server/support/test-server.ts';
import {
  eventually,
  importPackage,
  startTestServer,
  temporaryFolder,
} from '../../notification-server/support/test-server.ts';
import type { Failures } from '../support/campaign.ts';
import { askAsPeer } from '../support/peer-requests.ts';
import type { ServedBlock } from '../support/target-messages.ts';
import { TargetProcess } from '../support/target-process.ts';
import { problemOfJournal } from './decision-journal.ts';
import type { Damage } from './power-loss.ts';
import { damage } from './power-loss.ts';
import { ServerTaps } from './server-taps.ts';
import { storedTruth } from './stored-truth.ts';

export interface CrashSubject {
  readonly guid: PackageGuid;
  readonly version: string;
  readonly key: string;
  readonly content: Buffer;
  readonly blockCount: number;
}

/** Fast enough for a campaign, slow enough that a delivery has a middle. */
const wanKilobitsPerSecond = 80_000;
const network = `127.203.${process.pid % 250}`;
const port = 26_000 + (process.pid % 1000);
const victimAddress = `${network}.1`;
const readyWithinMs = 60_000;

/** One server, an agent that lives and one that is killed, over and over. */
export class CrashStage {
  readonly #folder: Awaited<ReturnType<typeof temporaryFolder>>;
  readonly #failures: Failures;
  readonly #taps: ServerTaps;
  readonly #server: TestServer;
  readonly #helper: TargetProcess;
  readonly #asker: TestAgent;
  readonly #joinToken: string;
  /** Of everything that was sent to the victim: what is not asked for yet. */
  #served: ServedBlock[] = [];
  #victim: TestWorker | null = null;
  #victimId = '';
  #packages = 0;

  private constructor(
    folder: Awaited<ReturnType<typeof temporaryFolder>>,
    failures: Failures,
    taps: ServerTaps,
    parts: { server: TestServer; helper: TargetProcess; asker: TestAgent; joinToken: string },
  ) {
    this.#folder = folder;
    this.#failures = failures;
    this.#taps = taps;
    this.#server = parts.server;
    this.#helper = parts.helper;
    this.#asker = parts.asker;
    this.#joinToken = parts.joinToken;
  }

  static async open(failures: Failures): Promise<CrashStage> {
    const folder = await temporaryFolder();
    const taps = new ServerTaps((text) => failures.add(text));
    const server = await startTestServer(path.join(folder.path, 'server'));
    await setUpFleetPolicy(server, victimAddress, port, wanKilobitsPerSecond);
    const joinToken = await server.makeJoinToken();
    const helper = await TargetProcess.start('agent', failures);
    const asker = await TestAgent.enrol(server.agentUrl, joinToken, { localAddress: `${network}.9`, name: 'asker' });
    const stage = new CrashStage(folder, failures, taps, { server, helper, asker, joinToken });
    await helper.ask({ kind: 'start-agent', agent: stage.#planned('helper', `${network}.2`) });
    return stage;
  }

  get eventCount(): number {
    return this.#taps.eventCount;
  }

  fail(text: string): void {
    this.#failures.add(text);
  }

  async close(): Promise<void> {
    this.#asker.close();
    await this.#victim?.kill();
    await this.#helper.stop();
    await this.#server.stop();
    this.#taps.remove();
    await this.#folder.remove();
  }

  /** A new package of one to five files, delivered to the victim and, every other time, to the helper as well. */
  async deliver(random: Xoshiro128): Promise<CrashSubject> {
    const source = path.join(this.#folder.path, `package-${this.#packages++}`);
    await mkdir(source, { recursive: true });
    const parts: Buffer[] = [];
    const files = 1 + random.below(5);
    for (let index = 0; index < files; index++) {
      const bytes = randomBytes(1 + random.below((16 * BLOCK_SIZE_BYTES) / files));
      await writeFile(path.join(source, `file-${index}.bin`), bytes);
      parts.push(bytes);
    }
    const { guid, version, key } = await importPackage(this.#server, source);
    const content = Buffer.concat(parts);
    await this.#server.call('createDelivery', { body: { guid, version, target: { kind: 'all' }, priority: 'normal' } });
    this.#served = [];
    return { guid, version, key, content, blockCount: Math.ceil(content.length / BLOCK_SIZE_BYTES) };
  }

  async startVictim(): Promise<void> {
    if (this.#victim !== null) return;
    const worker = await startWorker();
    this.#victim = worker;
    await worker.startAgent(this.#planned('victim', victimAddress));
    if (this.#victimId !== '') return;
    const identity = await readFile(path.join(this.#folder.path, 'victim', 'identity.json'), 'utf8');
    this.#victimId = (JSON.parse(identity) as { agentId: string }).agentId;
  }

  /** Until the server has sent so much of the package into the subnet in this life, or for so long at most. */
  async waitForBytes(key: string, bytes: number, atMostMs: number): Promise<void> {
    const before = this.#taps.sentBytesOf(key);
    const endMs = performance.now() + atMostMs;
    while (this.#taps.sentBytesOf(key) - before < bytes && performance.now() < endMs) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  async killVictim(): Promise<void> {
    await this.#victim?.kill();
    this.#victim = null;
  }

  /** Blocks that the dead agent claims to hold; a failure where one of them is not what it should be. */
  async checkDisk({ key, content }: CrashSubject): Promise<readonly number[]> {
    const folder = path.join(this.#folder.path, 'victim');
    const truth = await storedTruth(path.join(folder, 'packages', key), content);
    if (truth !== null && truth.wrong.length > 0) this.fail(`blocks ${truth.wrong} are claimed and wrong on the disk`);
    const problem = await problemOfJournal(path.join(folder, 'decision-journal.jsonl'));
    if (problem !== null) this.fail(problem);
    return truth?.claimed ?? [];
  }

  async damageVictim(random: Xoshiro128, { key }: CrashSubject): Promise<Damage> {
    return damage(random, path.join(this.#folder.path, 'victim'), key);
  }

  /** Everything that the server and the helper sent to the victim of the package since the last call. */
  async servedToVictim(key: string): Promise<readonly ServedBlock[]> {
    const byHelper = await this.#helper.ask<ServedBlock[]>({ kind: 'served' });
    const all = [...this.#served.splice(0), ...this.#taps.takeServed(), ...byHelper];
    return all.filter((served) => served.to === victimAddress && served.key === key);
  }

  /** Asks the victim for what it holds; a failure for every block that is not right, and, unless it may, that it denies. */
  async readBack(subject: CrashSubject, held: readonly number[], mayDeny: boolean): Promise<number> {
    const blocks = `/peer/v1/packages/${subject.guid}/${subject.version}/blocks`;
    const map = await eventually('the block map', async () => {
      const answer = await this.#ask(blocks);
      // It may not know the package yet: then it held nothing of it.
      if (answer?.status === 404 && held.length === 0) return { ranges: [] };
      return answer?.status === 200 ? peerBlockMapSchema.parse(answer.json()) : null;
    });
    const told = map.ranges.flatMap(([first, end]) => Array.from({ length: end - first }, (_, at) => first + at));
    const denied = held.filter((block) => !told.includes(block));
    if (denied.length > 0 && !mayDeny) this.fail(`blocks ${denied} are on the disk and denied after a restart`);
    let readBack = 0;
    for (const block of told) if (await this.#isServedRight(subject, `${blocks}/${block}`, block)) readBack++;
    return readBack;
  }

  /** In this life none of the blocks was asked for that the agent held before. */
  async expectNotFetched(key: string, held: readonly number[]): Promise<void> {
    const served = await this.servedToVictim(key);
    this.#served.push(...served);
    const twice = served.filter(({ block }) => held.includes(block));
    if (twice.length > 0) this.fail(`blocks ${twice.map(({ block }) => block)} were held and fetched again`);
  }

  /** The package arrives in the end, byte for byte. What was damaged when it was whole is fetched again after a start. */
  async expectWhole({ key, content }: CrashSubject, wasDamaged: boolean): Promise<void> {
    if (wasDamaged) {
      await this.killVictim();
      await this.startVictim();
    }
    const folder = path.join(this.#folder.path, 'victim', 'packages', key);
    await eventually(
      'the package is ready',
      async () => ((await storedTruth(folder, content))?.isFinished ? true : null),
      readyWithinMs,
    );
    const truth = await storedTruth(folder, content);
    if (truth === null || truth.wrong.length > 0) this.fail(`blocks ${truth?.wrong} of a ready package are wrong`);
  }

  /** Nobody needs it any more: the disk is not filled by a campaign. */
  async retire({ guid, version }: CrashSubject): Promise<void> {
    await this.#server.call('withdrawPackage', { params: { guid, version } });
  }

  async #isServedRight({ content }: CrashSubject, url: string, block: number): Promise<boolean> {
    const expected = content.subarray(block * BLOCK_SIZE_BYTES, (block + 1) * BLOCK_SIZE_BYTES);
    const answer = await eventually(`an answer to ${url}`, async () => {
      const given = await this.#ask(url);
      return given === null || given.status === 503 ? null : given;
    });
    if (answer.status === 200 && !answer.body.equals(expected)) this.fail(`block ${block} was served with other bytes`);
    return answer.status === 200;
  }

  async #ask(url: string) {
    const subject = { attacker: this.#asker, agentId: this.#victimId, address: victimAddress, port };
    return askAsPeer(subject, url).catch(() => null);
  }

  #planned(name: string, address: string): WorkerAgent {
    return {
      name,
      dataFolder: path.join(this.#folder.path, name),
      interface: { name: 'lo', address, prefixLength: 24 },
      port,
      hearingPort: port,
      serverUrl: this.#server.agentUrl,
      joinToken: this.#joinToken,
    };
  }
}
