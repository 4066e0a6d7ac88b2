import { randomInt } from 'node:crypto';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { FanoutLab, type LabPackage } from '../../../build/lab/fanout-lab.ts';
import { makeLabFolder } from '../../../build/lab/lab-folder.ts';
import { LabNetwork, type LabSubnet } from '../../../build/lab/lab-network.ts';
import { plainDownload } from '../../../build/lab/plain-download.ts';
import { writeRandomFile } from '../../../build/lab/random-file.ts';
import { eventually } from '../../../build/lab/waiting.ts';

const MIB = 1024 * 1024;
export const blockBytes = 2 * MIB;
export const wan = { megabits: 60 };
export const agentsPerSubnet = 8;
/** For everything that a test waits for. */
export const withinMs = 150_000;
/** The most that a test delivers. */
const largestMib = 96;

/** Copies of the package that crossed one WAN link. */
interface Copies {
  /** What the server's response sockets took. */
  readonly bySocket: number;
  /** All frames of all kinds into the subnet, over those of one plain download. */
  readonly byKernel: number;
}

export interface Run {
  readonly content: LabPackage;
  readonly packageBytes: number;
  /** Waits for everybody, then counts what crossed each WAN link since the start of the run. */
  finish(): Promise<readonly Copies[]>;
}

/**
 * 3 subnets × 8 agents behind WAN links of 60 Mbit/s, a process each, the production bundles. FANOUT_LAB_MIB=256 makes every
 * package as large as that.
 */
export class ThreeSubnets {
  readonly network = new LabNetwork(Array.from({ length: 3 }, () => ({ computers: agentsPerSubnet, wan })));
  readonly lab: FanoutLab;
  readonly #folder = makeLabFolder(3 * agentsPerSubnet * packageBytesOf(largestMib));
  #wireBytesPerContentByte = 0;
  #delivered: LabPackage | null = null;

  constructor() {
    const settings = { announcementInterval: 5, unavailableTimeout: 15, eventInterval: 5, attemptPeriod: 2 };
    this.lab = new FanoutLab({
      network: this.network,
      folder: this.#folder,
      settings: { ...settings, sourceBackoffScale: 0.01 },
    });
  }

  async start(): Promise<void> {
    await this.lab.startServer();
    await this.lab.startAgents(1);
  }

  subnetAt(index: number): LabSubnet {
    const subnet = this.network.subnets[index];
    if (subnet === undefined) throw new Error(`there is no subnet ${index}`);
    return subnet;
  }

  async startDelivery(mib: number): Promise<Run> {
    const packageBytes = packageBytesOf(mib);
    const file = path.join(this.#folder, 'package.bin');
    await writeRandomFile(file, packageBytes);
    const content = await this.lab.importFile(file);
    this.#delivered = content;
    const before = this.network.subnets.map((subnet) => this.#wanPortBytes(subnet));
    const startedAtMs = performance.now();
    const delivery = await this.lab.deliver(content);
    return {
      content,
      packageBytes,
      finish: async () => {
        await this.lab.allReady(delivery, withinMs);
        console.log(`all ready after ${((performance.now() - startedAtMs) / 1000).toFixed(1)} s`);
        const through = this.network.subnets.map((subnet, index) => this.#wanPortBytes(subnet) - (before[index] ?? 0));
        const sent = await Promise.all(this.network.subnets.map((subnet) => this.lab.wanBytes(subnet, content)));
        await this.#baseline(content, packageBytes);
        const copies = this.network.subnets.map((_, index) => ({
          bySocket: (sent[index] ?? Number.NaN) / packageBytes,
          byKernel: (through[index] ?? Number.NaN) / (packageBytes * this.#wireBytesPerContentByte),
        }));
        console.log(`copies: ${JSON.stringify(copies)}`);
        return copies;
      },
    };
  }

  /** Until so large a share of the package has been sent into the subnet. */
  async subnetHolds(subnet: LabSubnet, { content, packageBytes }: Run, share: number): Promise<void> {
    await eventually(
      `${subnet.cidr} has been sent ${share} of the package`,
      async () => (await this.lab.wanBytes(subnet, content)) >= share * packageBytes || null,
      withinMs,
      20,
    );
  }

  /** The package of the last run is no longer anybody's. */
  async withdraw(): Promise<void> {
    if (this.#delivered === null) return;
    const { guid, version } = this.#delivered;
    await this.lab.call('withdrawPackage', { params: { guid, version } });
    this.#delivered = null;
  }

  async stop(): Promise<void> {
    await this.lab.stop();
    this.network.remove();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** One plain download over the first link, once: the links are alike, and what a content byte takes does not change. */
  async #baseline(content: LabPackage, packageBytes: number): Promise<void> {
    if (this.#wireBytesPerContentByte > 0) return;
    const [agent] = this.lab.agentsOf(this.subnetAt(0));
    if (agent === undefined) throw new Error('there is no agent in the first subnet');
    const blocks = Math.ceil(packageBytes / blockBytes);
    const plain = await plainDownload(this.lab, this.network, agent, content, blocks, 60_000);
    this.#wireBytesPerContentByte = plain.intoSubnetBytes / packageBytes;
  }

  #wanPortBytes(subnet: LabSubnet): number {
    return this.network.wanCounters(subnet).intoSubnetBytes;
  }
}

function packageBytesOf(mib: number): number {
  // Not a whole number of blocks: the last one is shorter.
  return Number(process.env.FANOUT_LAB_MIB ?? mib) * MIB - randomInt(1, MIB);
}

export const mostBySocket = (copies: readonly Copies[]) => Math.max(...copies.map(({ bySocket }) => bySocket));
export const mostByKernel = (copies: readonly Copies[]) => Math.max(...copies.map(({ byKernel }) => byKernel));
