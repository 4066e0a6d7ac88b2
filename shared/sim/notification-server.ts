import type { TransferFailure } from '../agent/agent-input.ts';
import type { PackageManifest, PeerEndpoint } from '../agent/ports.ts';
import type { PackageGuid, PackageKey, ServerId } from '../base/ids.ts';
import { agentCertificateName, serverCertificateName } from '../base/ids.ts';
import { formatCidr, formatIpv4 } from '../base/ipv4.ts';
import { blockLengthBytes } from '../base/units.ts';
import type { AgentConfiguration, Codebase, PackageServerRole, PrepositionedPackage } from '../contracts/agent-api.ts';
import type { AgentEvent } from '../contracts/agent-events.ts';
import type { FeedToCore } from '../contracts/agent-feed.ts';
import { defaultAgentPackageSettings } from '../contracts/agent-package.ts';
import { defaultPackageServerSettings } from '../contracts/package-servers-api.ts';
import type { AgentSettings } from '../contracts/settings.ts';
import type { SignedWithdrawal } from '../contracts/withdrawal.ts';
import { noDenials, selectCodebases } from '../server/codebase-selection.ts';
import { hintedSubnets } from '../server/hinted-subnets.ts';
import { chooseSubnetHints } from '../server/subnet-hints.ts';
import { BlockSending } from './block-sending.ts';
import type { Computer } from './computer.ts';
import type { CataloguePackage } from './package-catalogue.ts';
import { findByKey } from './package-catalogue.ts';
import { deliveryIdOf, SimulatedDeliveries } from './simulated-deliveries.ts';
import { SimulatedSiteLimits, sitesAbove } from './simulated-site-limits.ts';
import type { SteeringKind } from './simulation-plan.ts';
import { SiteIndex } from './site-index.ts';
import { WanLedger } from './wan-ledger.ts';
import type { World } from './world.ts';

const serverId = '5e'.repeat(16) as ServerId;
const ownPlace = {
  url: 'https://192.0.2.1:27800/agent/v1',
  certificateName: serverCertificateName(serverId),
};

/** What an administrator sets who sets nothing. */
const packageServerRole: PackageServerRole = { ...defaultPackageServerSettings, packages: [] };

function outboundOf({ subnet: { site } }: Computer): PackageServerRole['outbound'] {
  const isLimited = site.outboundKilobytesPerSecond > 0;
  return isLimited ? { subnets: site.subnets.map(formatCidr), beyondLimits: [] } : null;
}

const groupKeys = [{ id: 1, key: `${'A'.repeat(43)}=`, activateAtMs: 0, acceptUntilMs: null }];

/** Signatures are the adapters' to check, and these have none that could be wrong. */
function withdrawalOf(key: PackageKey): SignedWithdrawal {
  return { key, signature: '0'.repeat(128) };
}

/** A block request as it arrives at the server, and the requester's end of it. */
export interface IncomingBlockRequest {
  readonly requester: Computer;
  readonly key: PackageKey;
  readonly block: number;
  readonly maxBytesPerSecond: number;
  isAbandoned(): boolean;
  refusedByServer(failure: TransferFailure): void;
  sending(sending: BlockSending): void;
  sent(isCorrupt: boolean): void;
  broken(): void;
}

/** A Notification Server without rules of its own: it hands out what the plan says, and counts what crosses the WAN. */
export class NotificationServer {
  readonly #world: World;
  readonly #catalogue: readonly CataloguePackage[];
  readonly ledger: WanLedger;
  readonly deliveries: SimulatedDeliveries;
  /** A delivery says something new: who was ready may have something to do. */
  onOffered: () => void = () => undefined;
  /** What is assigned to whom has changed in any way. */
  onAssignmentsChanged: () => void = () => undefined;
  /** A process began or ended there. */
  onProcessChanged: (computer: Computer) => void = () => undefined;
  /** Called for every event that is committed. */
  onCommitted: (computer: Computer, event: AgentEvent) => void = (computer, event) =>
    this.events.push({ computer, event });
  /** In the order in which they were committed. */
  readonly events: { readonly computer: Computer; readonly event: AgentEvent }[] = [];
  readonly #acknowledged = new Map<Computer, number>();
  readonly #connected = new Set<Computer>();
  readonly #limits: SimulatedSiteLimits;
  readonly #sites: SiteIndex;
  #settings: AgentSettings;
  #version = 1;
  #isDown = false;

  constructor(world: World, catalogue: readonly CataloguePackage[], settings: AgentSettings) {
    this.#world = world;
    this.#catalogue = catalogue;
    this.#settings = settings;
    this.#sites = new SiteIndex(world);
    this.ledger = new WanLedger((siteName) =>
      // The others are named to nobody.
      this.#sites.packageServersOf(siteName).filter((computer) => this.#connected.has(computer)),
    );
    this.#limits = new SimulatedSiteLimits(world, (computer, message) => this.#pushTo(computer, message));
    this.deliveries = new SimulatedDeliveries(world, () => {
      this.#configurationChanged();
      this.onOffered();
    });
  }

  /** It sends under the limits of another site from now on. */
  packageServerMoved(): void {
    const online = new Set([...this.#connected].map(({ agentId }) => agentId));
    this.#limits.moved((agentId) => online.has(agentId));
  }

  get isDown(): boolean {
    return this.#isDown;
  }

  get version(): number {
    return this.#version;
  }

  setDown(isDown: boolean): void {
    this.#isDown = isDown;
    if (isDown) for (const sending of [...this.#world.sendings]) if (sending.facts.from === null) sending.breakOff();
    this.linksChanged();
  }

  /** Feeds break and come back with the links: an agent that is connected anew is told so. */
  linksChanged(computers: Iterable<Computer> = this.#world.computers): void {
    for (const computer of computers) this.#updateFeed(computer);
  }

  /** A process began or ended there. */
  processChanged(computer: Computer): void {
    this.#disconnected(computer);
    this.#updateFeed(computer);
    this.onProcessChanged(computer);
  }

  changeSettings(settings: Partial<AgentSettings>): void {
    this.#settings = { ...this.#settings, ...settings };
    this.#configurationChanged();
  }

  deliver(packageIndex: number): void {
    const entry = this.#catalogue[packageIndex];
    if (entry === undefined) return;
    entry.isDelivered = true;
    this.deliveries.begin(entry);
    this.#configurationChanged();
    this.onOffered();
  }

  steer(packageIndex: number, kind: SteeringKind): void {
    const entry = this.#catalogue[packageIndex];
    if (entry !== undefined) this.deliveries.steer(entry, kind);
  }

  /** Whether the computer is told of the package now. */
  isAssigned(entry: CataloguePackage, computer: Computer): boolean {
    const { plan, isDelivered, isWithdrawn } = entry;
    if (!isDelivered || isWithdrawn) return false;
    if (plan.delivery !== undefined) return this.deliveries.planFor(entry, computer) !== undefined;
    return plan.subnets?.includes(computer.subnet.index) ?? true;
  }

  cancel(packageIndex: number): void {
    const entry = this.#catalogue[packageIndex];
    if (entry === undefined) return;
    entry.isDelivered = false;
    this.#configurationChanged();
  }

  withdraw(packageIndex: number): void {
    const entry = this.#catalogue[packageIndex];
    if (entry === undefined) return;
    entry.isWithdrawn = true;
    this.#configurationChanged();
    this.#push({ kind: 'withdraw', ...withdrawalOf(entry.manifest.key) });
  }

  configurationFor(computer: Computer): AgentConfiguration {
    const assigned = this.#catalogue.filter((entry) => this.isAssigned(entry, computer));
    return {
      agentId: computer.agentId,
      serverId,
      name: computer.name,
      site: this.#sites.toldOf(computer.subnet.site),
      packageServer: computer.isPackageServer
        ? {
            ...packageServerRole,
            maxUpload: computer.packageServerUpload,
            outbound: outboundOf(computer),
            inbound: this.#inboundOf(computer),
            packages: this.#prepositionedAt(computer.subnet.index),
          }
        : null,
      policy: { id: 'simulated', name: 'Simulated', version: this.#version },
      settings: this.#settingsOf(computer),
      agentPackage: defaultAgentPackageSettings,
      groupKeys,
      revokedSerials: [],
      revokedAgentIds: [],
      deliveries: assigned.map((entry) => {
        const { manifest, plan } = entry;
        const deliveryPlan = this.deliveries.planFor(entry, computer) ?? null;
        return {
          deliveryId: deliveryIdOf(entry),
          guid: manifest.guid,
          version: manifest.version,
          key: manifest.key,
          name: manifest.name,
          priority: plan.priority ?? 'normal',
          totalSizeBytes: manifest.totalSizeBytes,
          ...(deliveryPlan === null ? {} : { plan: deliveryPlan }),
        };
      }),
      withdrawn: this.#catalogue
        .filter(({ isWithdrawn }) => isWithdrawn)
        .map(({ manifest }) => withdrawalOf(manifest.key)),
    };
  }

  #settingsOf({ ownSettings }: Computer): AgentSettings {
    // One object for all who have no settings of their own: 54,000 copies would be most of the memory of a large run.
    return Object.keys(ownSettings).length === 0 ? this.#settings : { ...this.#settings, ...ownSettings };
  }

  #inboundOf({ subnet }: Computer): PackageServerRole['inbound'] {
    const told = this.#limits.sitesWithInboundLimit
      .filter(({ name }) => sitesAbove(this.#world, name).includes(subnet.site.name))
      .map(({ name, subnets }) => ({ siteId: name, subnets: subnets.map(formatCidr) }));
    return told.length === 0 ? null : { sites: told, beyondLimits: [] };
  }

  #prepositionedAt(subnet: number): PrepositionedPackage[] {
    return this.#catalogue.flatMap(({ manifest, plan: { preposition }, isWithdrawn }) => {
      if (preposition?.subnets.includes(subnet) !== true || isWithdrawn) return [];
      const { subnets: _, ...terms } = preposition;
      const { guid, version, key, name, totalSizeBytes } = manifest;
      return [{ guid, version, key, name, totalSizeBytes, ...terms }];
    });
  }

  /** Running agents in the additional subnets of the asking one. */
  subnetHintsFor(computer: Computer): PeerEndpoint[] {
    const { additionalSubnets } = this.#settingsOf(computer);
    const site = this.#sites.toldOf(computer.subnet.site);
    return hintedSubnets(additionalSubnets, site, [formatCidr(computer.subnet.cidr)])
      .flatMap((cidr) =>
        chooseSubnetHints(
          computer.agentId,
          [...this.#sites.computersIn(cidr)].filter((other) => this.#connected.has(other)),
        ),
      )
      .map(({ agentId, address, port }) => ({ agentId, address, port }));
  }

  codebasesFor({ agentId, subnet, isPackageServer }: Computer, key: PackageKey): Codebase[] {
    return selectCodebases(
      { agentId, siteId: subnet.site.name, isPackageServer, key, denials: noDenials },
      {
        notificationServer: ownPlace,
        parentOf: (siteId) => this.#sites.parentOf(siteId),
        packageServersOf: (siteId) =>
          this.#sites
            .packageServersOf(siteId)
            .filter((computer) => this.#connected.has(computer))
            .map((computer) => ({
              agentId: computer.agentId,
              url: `https://${formatIpv4(computer.address)}:${computer.port}/package-server/v1`,
              certificateName: agentCertificateName(computer.agentId),
              isConstrained: false,
            })),
        isAssigned: () => false,
      },
    );
  }

  /** Null where there is no such package, or it was withdrawn. */
  snapshotOf(guid: PackageGuid, version: string): PackageManifest | null {
    const entry = this.#catalogue.find(({ manifest }) => manifest.guid === guid && manifest.version === version);
    return entry === undefined || entry.isWithdrawn ? null : entry.manifest;
  }

  /** Events that were committed before are not committed again. */
  commit(computer: Computer, events: readonly AgentEvent[]): void {
    let previous = 0;
    for (const event of events) {
      const isRising = event.sequence > previous;
      const detail = () => `event ${event.sequence} after ${previous}`;
      this.#world.violations.check(isRising, 'event-sequence', computer.name, detail);
      previous = event.sequence;
      if (event.sequence <= (this.#acknowledged.get(computer) ?? 0)) continue;
      this.#acknowledged.set(computer, event.sequence);
      this.onCommitted(computer, event);
      this.deliveries.take(computer, event);
    }
  }

  receiveBlockRequest(incoming: IncomingBlockRequest): void {
    const world = this.#world;
    const { requester } = incoming;
    world.time.after(world.wanDelayUs(), () => {
      if (incoming.isAbandoned() || !requester.reachesServer) return;
      const entry = findByKey(this.#catalogue, incoming.key);
      if (this.#isDown) this.#refuse(incoming, 'connection refused');
      else if (entry === null || entry.isWithdrawn) this.#refuse(incoming, 'no such package');
      else if (!this.#limits.mayBegin(requester.subnet.site)) this.#refuseBusy(incoming);
      else this.#send(incoming, entry);
    });
  }

  #send(incoming: IncomingBlockRequest, { manifest }: CataloguePackage): void {
    const { requester, key, block } = incoming;
    this.ledger.noteRequest(requester, key, block, null);
    this.#world.window?.noteWanRequest(this.#world, requester, key, block);
    const isLimited = requester.subnet.site.inboundKilobytesPerSecond > 0;
    let leaveLimit = (): void => undefined;
    const sending = new BlockSending(this.#world, {
      from: null,
      to: requester,
      key,
      block,
      bytes: blockLengthBytes(block, manifest.totalSizeBytes, manifest.blockSizeBytes),
      // The limit gives it its rate as soon as it is there.
      senderBytesPerSecond: isLimited ? 0 : Number.POSITIVE_INFINITY,
      receiverBytesPerSecond: incoming.maxBytesPerSecond,
      onDone: () => incoming.sent(false),
      onBroken: () => incoming.broken(),
      onEnd: (sentBytes) => {
        leaveLimit();
        this.ledger.noteSent(requester, key, block, sentBytes, null);
      },
    });
    leaveLimit = this.#limits.begun(requester.subnet.site, sending);
    incoming.sending(sending);
  }

  #refuseBusy(incoming: IncomingBlockRequest): void {
    this.#world.time.after(this.#world.wanDelayUs(), () => {
      if (!incoming.isAbandoned()) incoming.refusedByServer({ code: 'busy', retryAfterMs: 3000, others: [] });
    });
  }

  #refuse(incoming: IncomingBlockRequest, detail: string): void {
    this.#world.time.after(this.#world.wanDelayUs(), () => {
      if (!incoming.isAbandoned()) incoming.refusedByServer({ code: 'refused', detail });
    });
  }

  #configurationChanged(): void {
    this.#version++;
    this.onAssignmentsChanged();
    this.#push({ kind: 'configuration-changed', spreadMs: 0 });
  }

  /** A Package Server sends out of its site (null), or into that one. */
  limitUsed(computer: Computer, siteId: string | null): void {
    if (this.#connected.has(computer)) this.#limits.used(computer, siteId);
  }

  #disconnected(computer: Computer): void {
    this.#connected.delete(computer);
    this.#limits.disconnected(computer);
  }

  #push(message: FeedToCore): void {
    for (const computer of this.#world.computers) this.#pushTo(computer, message);
  }

  #pushTo(computer: Computer, message: FeedToCore): void {
    if (this.#connected.has(computer)) computer.life?.post(this.#world.wanDelayUs(), { kind: 'feedReceived', message });
  }

  #updateFeed(computer: Computer): void {
    const { life } = computer;
    const canConnect = life !== null && !life.isSilent && !this.#isDown && computer.reachesServer;
    if (canConnect === this.#connected.has(computer)) return;
    if (!canConnect) {
      this.#disconnected(computer);
      return;
    }
    this.#connected.add(computer);
    this.#limits.connected(computer);
    // Connection and handshake: three round trips.
    life?.post(6 * this.#world.wanDelayUs(), { kind: 'feedReceived', message: { kind: 'connected' } });
  }
}
