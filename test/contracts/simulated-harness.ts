import type { AgentInput } from '../../shared/agent/agent-input.ts';
import type { AgentPorts } from '../../shared/agent/ports.ts';
import { SubnetDirectory } from '../../shared/agent/subnet-directory.ts';
import type { AgentId } from '../../shared/base/ids.ts';
import { cidrOf } from '../../shared/base/ipv4.ts';
import { AgentLife } from '../../shared/sim/agent-life.ts';
import { portsOf } from '../../shared/sim/agent-start.ts';
import { Computer } from '../../shared/sim/computer.ts';
import { NotificationServer } from '../../shared/sim/notification-server.ts';
import { catalogueOf } from '../../shared/sim/package-catalogue.ts';
import { simulatedSettings } from '../../shared/sim/simulation.ts';
import type { World } from '../../shared/sim/world.ts';
import { buildWorld } from '../../shared/sim/world-builder.ts';
import type { PortHarness } from './collected-inputs.ts';
import { CollectedInputs } from './collected-inputs.ts';

/** Virtual milliseconds per turn of the event loop: the test's own steps come in between. */
const msPerTurn = 1;
const settleMs = 50;
const deadlineMs = 5000;

export interface Party {
  readonly computer: Computer;
  readonly life: AgentLife;
  readonly ports: AgentPorts;
  readonly inputs: CollectedInputs;
}

/** A simulated subnet with one package of four blocks, where tests put up computers whose agents only collect inputs. */
export class SimulatedPlace {
  readonly world: World = buildWorld(7, { subnets: [{ agents: 1 }, { agents: 1 }], packages: [] });
  readonly package = catalogueOf([{ totalSizeBytes: 7_000_000 }])[0]?.manifest ?? neverEmpty();
  readonly #server = new NotificationServer(this.world, [], simulatedSettings);
  #isOver = false;

  constructor() {
    void this.#run();
  }

  /** `react` stands for the agent's core: it is given every input after it was collected. */
  addParty(
    facts: { readonly name: string; readonly bootId?: number; readonly subnet?: number; readonly blocks?: number[] },
    react: (input: AgentInput, ports: AgentPorts) => void = () => undefined,
  ): Party {
    const subnet = this.world.subnets[facts.subnet ?? 0] ?? neverEmpty();
    const index = this.world.computers.length;
    const computer = new Computer({
      index,
      subnet,
      agentId: index.toString(16).padStart(32, 'a') as AgentId,
      name: facts.name,
      address: cidrOf(subnet.cidr.network, 22).network + 50 + index,
      port: 4000,
      uplink: this.world.flows.addLink(100_000_000),
      downlink: this.world.flows.addLink(100_000_000),
      wanDownlink: this.world.flows.addLink(Number.POSITIVE_INFINITY),
      ownSettings: {},
      isPackageServer: false,
      packageServerUpload: 0,
    });
    this.world.addComputer(computer);
    computer.disk.keepManifest(this.package);
    for (const block of facts.blocks ?? []) computer.disk.find(this.package.key)?.blocks.add(block);
    return this.#begin(computer, facts.bootId ?? 1, react);
  }

  #begin(computer: Computer, bootId: number, react: (input: AgentInput, ports: AgentPorts) => void): Party {
    const life = new AgentLife(this.world, computer, bootId);
    computer.life = life;
    const inputs = new CollectedInputs();
    const ports = portsOf(life, this.#server, 7, new SubnetDirectory());
    life.begin({
      handle: (input) => {
        inputs.push(input);
        react(input, ports);
      },
    });
    return { computer, life, ports, inputs };
  }

  /** Virtual time goes on by itself, a little in every turn of the event loop. */
  asHarness(): PortHarness {
    const { time } = this.world;
    return {
      until: async (what, condition) => {
        const deadline = time.nowMs + deadlineMs;
        while (!condition()) {
          if (time.nowMs > deadline) throw new Error(`${what}: not within ${deadlineMs} virtual ms`);
          await turn();
        }
      },
      settle: async () => {
        const end = time.nowMs + settleMs;
        while (time.nowMs < end) await turn();
      },
      dispose: async () => {
        this.#isOver = true;
        await turn();
      },
    };
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      await turn();
      this.world.time.runUntil(this.world.time.nowUs + msPerTurn * 1000);
    }
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function neverEmpty(): never {
  throw new Error('the plan above has a package and subnets');
}
