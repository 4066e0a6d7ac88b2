import type { CommandId, ServerPort } from '../agent/ports.ts';
import type { PackageGuid } from '../base/ids.ts';
import type { AgentEvent } from '../contracts/agent-events.ts';
import type { AgentLife } from './agent-life.ts';
import type { NotificationServer } from './notification-server.ts';

/** A request that gets no answer is given up after this time. */
const requestTimeoutUs = 10_000_000;

/** One agent's connection to the simulated Notification Server: answers take a round trip over the WAN, or never come. */
export class SimulatedServerPort implements ServerPort {
  readonly #life: AgentLife;
  readonly #server: NotificationServer;
  /** What was asked for by a person; only counted. */
  liveReports = 0;

  constructor(life: AgentLife, server: NotificationServer) {
    this.#life = life;
    this.#server = server;
  }

  fetchConfiguration(commandId: CommandId): void {
    this.#ask(commandId, () => {
      const { disk } = this.#life.computer;
      if (disk.configurationVersion === this.#server.version) {
        this.#life.complete(0, { kind: 'serverAnswered', commandId });
        return;
      }
      const configuration = this.#server.configurationFor(this.#life.computer);
      disk.configurationVersion = this.#server.version;
      disk.configuration = configuration;
      this.#life.complete(0, { kind: 'configurationReceived', commandId, configuration });
    });
  }

  fetchSnapshot(commandId: CommandId, guid: PackageGuid, version: string): void {
    this.#ask(commandId, () => {
      const manifest = this.#server.snapshotOf(guid, version);
      if (manifest === null) {
        this.#refuse(commandId);
        return;
      }
      this.#life.computer.disk.keepManifest(manifest);
      this.#life.complete(0, { kind: 'snapshotReceived', commandId, manifest });
    });
  }

  fetchCodebases(commandId: CommandId, guid: PackageGuid, version: string): void {
    this.#ask(commandId, () => {
      const manifest = this.#server.snapshotOf(guid, version);
      if (manifest === null) {
        this.#refuse(commandId);
        return;
      }
      const codebases = this.#server.codebasesFor(this.#life.computer, manifest.key);
      this.#life.complete(0, { kind: 'codebasesReceived', commandId, codebases });
    });
  }

  fetchSubnetHints(commandId: CommandId): void {
    this.#ask(commandId, () => {
      const peers = this.#server.subnetHintsFor(this.#life.computer);
      this.#life.complete(0, { kind: 'subnetHintsReceived', commandId, peers });
    });
  }

  sendEvents(commandId: CommandId, events: readonly AgentEvent[]): void {
    const { disk } = this.#life.computer;
    for (const event of events) disk.nextEventSequence = Math.max(disk.nextEventSequence, event.sequence + 1);
    this.#ask(commandId, () => {
      this.#server.commit(this.#life.computer, events);
      this.#life.complete(0, { kind: 'serverAnswered', commandId });
    });
  }

  sendLiveReport(): void {
    this.liveReports++;
  }

  sendDiagnostics(): void {
    this.liveReports++;
  }

  tellOutboundUse(): void {
    this.#tellUse(null);
  }

  tellInboundUse(siteId: string): void {
    this.#tellUse(siteId);
  }

  #tellUse(siteId: string | null): void {
    const { world, computer } = this.#life;
    this.#life.speak('a word to the server');
    world.time.after(world.wanDelayUs(), () => this.#server.limitUsed(computer, siteId));
  }

  /** `answer` runs when the reply arrives. */
  #ask(commandId: CommandId, answer: () => void): void {
    const { world, computer } = this.#life;
    this.#life.beginCommand(commandId);
    this.#life.speak('a request to the server');
    world.time.after(world.wanDelayUs() + world.wanDelayUs(), () => {
      if (this.#life.isOver) return;
      if (this.#life.isSilent) this.#fail(commandId, 0, 'no communication is allowed');
      else if (!computer.reachesServer) this.#fail(commandId, requestTimeoutUs, 'no answer');
      else if (this.#server.isDown) this.#fail(commandId, 0, 'connection refused');
      else answer();
    });
  }

  #fail(commandId: CommandId, delayUs: number, detail: string): void {
    this.#life.complete(delayUs, { kind: 'serverFailed', commandId, code: 'unreachable', detail });
  }

  #refuse(commandId: CommandId): void {
    this.#life.complete(0, { kind: 'serverFailed', commandId, code: 'refused', detail: 'not found' });
  }
}
