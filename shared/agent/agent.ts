import type { AgentId, PackageKey } from '../base/ids.ts';
import type { Ipv4 } from '../base/ipv4.ts';
import { formatCidr, formatIpv4, isSameCidr } from '../base/ipv4.ts';
import type { AgentConfiguration } from '../contracts/agent-api.ts';
import type { AgentInterface } from '../contracts/agent-events.ts';
import type { DroppedDatagramKind } from '../contracts/diagnostics.ts';
import { additionalSubnetsOf } from './additional-subnets.ts';
import { AgentContext } from './agent-context.ts';
import type { AgentInput } from './agent-input.ts';
import type { DatagramMessage } from './datagram-message.ts';
import { DhtHolders } from './dht-holders.ts';
import { diagnosticsReport } from './diagnostics-report.ts';
import { Discovery } from './discovery.ts';
import { effectiveSettingsOf } from './effective-settings.ts';
import { Installations } from './installations.ts';
import { PackageCatalogue } from './package-catalogue.ts';
import { PackageServerDesk } from './package-server-desk.ts';
import type { AgentIdentity, AgentInterfaceAddress, AgentPorts, PeerEndpoint } from './ports.ts';
import { ServerLink } from './server-link.ts';
import { ServingDesk } from './serving-desk.ts';
import { SubnetDhts } from './subnet-dhts.ts';
import { SubnetSearch } from './subnet-search.ts';
import { UserControl } from './user-control.ts';

/**
 * One agent. It handles one input at a time, in order, and answers with commands to its ports; it never waits, never
 * throws for what comes from outside, and behaves the same in an agent worker and in the simulator.
 */
export class Agent {
  readonly #context: AgentContext;
  readonly #catalogue: PackageCatalogue;
  readonly #discovery: Discovery;
  readonly #subnetSearch: SubnetSearch;
  readonly #dhts: SubnetDhts;
  readonly #servingDesk: ServingDesk;
  readonly #packageServerDesk: PackageServerDesk;
  readonly #serverLink: ServerLink;
  readonly #userControl: UserControl;
  readonly #installations: Installations;
  /** What the adapters were told last; null before the start. */
  #isSilent: boolean | null = null;
  readonly #dropped = new Map<DroppedDatagramKind, number>();
  #received = 0;
  #startedAtWallMs = 0;

  constructor(ports: AgentPorts, identity: AgentIdentity) {
    const context = new AgentContext(
      ports,
      identity,
      () => this.#calendarChanged(),
      (key) => this.#withdraw(key),
    );
    this.#context = context;
    this.#catalogue = new PackageCatalogue(context, {
      blockStored: (delivery, block) => this.#packageServerDesk.blockStored(delivery, block),
      contentGone: (key) => this.#packageServerDesk.gone(key),
      announcementChanged: () => {
        this.#followAttention();
        this.#discovery.packagesChanged();
        this.#dhts.packagesChanged();
      },
      eventsWaiting: () => this.#serverLink.eventsWaiting(),
      packageChanged: (delivery) => {
        this.#userControl.packageChanged(delivery);
        this.#installations.packageChanged(delivery);
      },
      isPaused: () => this.#userControl.isPaused,
    });
    this.#userControl = new UserControl(context, {
      pauseChanged: () => this.#catalogue.admit(),
      deliveries: () => this.#catalogue.all,
      postpone: () => this.#installations.postpone(),
    });
    this.#installations = new Installations(context, {
      deliveries: () => this.#catalogue.all,
      isNeededByPeers: () => this.#catalogue.isNeededByPeers,
      installingChanged: (isInstalling) => this.#changeConditions(() => context.conditions.setInstalling(isInstalling)),
      notify: (kind, message) => this.#userControl.notify(kind, message),
    });
    this.#discovery = new Discovery(
      context,
      () => this.#catalogue.announced(),
      () => this.#dhts.announcedItself(),
    );
    const met = (peer: PeerEndpoint, bootId: number, name: string): void => {
      context.peers.heard(peer, bootId, name);
      this.#discovery.tell(peer.agentId);
    };
    this.#subnetSearch = new SubnetSearch(context, { found: met });
    this.#dhts = new SubnetDhts(context, this.#catalogue);
    context.holderFinder = new DhtHolders(context, this.#dhts, { met });
    this.#servingDesk = new ServingDesk(context, (key) => this.#catalogue.find(key));
    this.#packageServerDesk = new PackageServerDesk(context, this.#catalogue);
    this.#serverLink = new ServerLink(context, {
      applyConfiguration: (configuration) => this.#applyConfiguration(configuration),
      liveReport: () => this.#liveReport(),
      diagnostics: () =>
        diagnosticsReport({
          context,
          deliveries: this.#catalogue.all,
          servingDesk: this.#servingDesk,
          tally: context.tally,
          isRefusedBySubnet: (subnet) => this.#subnetSearch.isRefusedBy(subnet),
          dhts: this.#dhts.reports(),
          startedAtWallMs: this.#startedAtWallMs,
          datagrams: { received: this.#received, dropped: this.#dropped },
        }),
    });
  }

  handle(input: AgentInput): void {
    switch (input.kind) {
      case 'started':
        this.#start(input);
        return;
      case 'interfacesChanged':
        this.#context.unsupportedAdapters = input.unsupported ?? [];
        this.#interfacesChanged(input.interfaces);
        return;
      case 'conditionsChanged':
        this.#changeConditions(() => this.#context.conditions.take(input.conditions));
        return;
      case 'stopRequested':
        this.#stop();
        return;
      case 'timer':
        this.#context.timers.fire(input.timerId);
        return;
      case 'feedReceived':
        this.#feedReceived(input.message);
        return;
      case 'servingRequested':
        if (input.request.kind !== 'block-map') this.#catalogue.noteServed(input.request.key);
        if (input.request.kind === 'content') {
          this.#packageServerDesk.requested(input.requestId, input, input.request);
        } else this.#servingDesk.requested(input.requestId, input.peer, input.address, input.request);
        return;
      case 'servingEnded':
        if (this.#packageServerDesk.ended(input.requestId, input.sentBytes)) return;
        this.#servingDesk.ended(input.requestId, input.sentBytes, input.completed);
        return;
      case 'blocksLost':
        this.#catalogue.blocksLost(input.key, input.blocks);
        return;
      case 'userRequested':
        this.#userControl.requested(input.requestId, input.action);
        return;
      case 'datagramReceived':
        if (this.#isSilent === true) return;
        this.#received++;
        this.#heard(
          { agentId: input.sender, address: input.from.address, port: input.from.port },
          input.bootId,
          input.message,
          input.interfaceAddress,
        );
        return;
      case 'datagramsDropped':
        this.#countDropped(input.reason, input.count);
        return;
      default:
        this.#context.commands.receive(input);
    }
  }

  /**
   * An announcement that says nothing new to this agent, beyond that its sender is there: taken note of here. False where it has
   * to be handled.
   */
  overhears(from: PeerEndpoint, bootId: number, message: DatagramMessage): boolean {
    if (message.kind !== 'alive' || !this.#context.settings.peerDownloading || this.#isSilent === true) return false;
    if (!this.#context.peers.isKnownAs(from, bootId, message.name)) return false;
    for (const { key, state } of message.packages) {
      if (this.#catalogue.heedsAnnouncement(from.agentId, key, state)) return false;
    }
    this.#context.peers.heardAgain(from.agentId);
    this.#context.peers.noteAnnounced(from.agentId, bootId, message.packages);
    return true;
  }

  #start(input: Extract<AgentInput, { readonly kind: 'started' }>): void {
    this.#startedAtWallMs = this.#context.ports.clock.wallTimeMs();
    this.#context.unsupportedAdapters = input.unsupported ?? [];
    this.#setInterfaces(input.interfaces);
    this.#context.conditions.take(input.conditions);
    for (const held of input.restored) {
      this.#catalogue.restore(held.manifest, held.blocks, held.finished);
      this.#catalogue.retention.restorePackage(held.manifest.key, held.lastUsedMs);
    }
    this.#catalogue.retention.restore(input.retired);
    this.#installations.restore(input.installations ?? []);
    this.#context.outbox.add({
      kind: 'started',
      bootId: this.#context.identity.bootId,
      productVersion: this.#context.identity.productVersion,
      platform: this.#context.identity.platform,
      cpuCores: this.#context.identity.cpuCores,
      ...this.#toldNetwork(),
    });
    if (input.configuration !== null) this.#applyConfiguration(input.configuration);
    this.#followSilence();
    this.#serverLink.start();
  }

  #feedReceived(message: Extract<AgentInput, { readonly kind: 'feedReceived' }>['message']): void {
    switch (message.kind) {
      case 'outbound-share':
        this.#packageServerDesk.limits.outbound.told(message.bytesPerSecond);
        return;
      case 'inbound-shares':
        this.#packageServerDesk.limits.toldInbound(message.shares);
        return;
      case 'connected':
        this.#serverLink.feedReceived(message);
        this.#subnetSearch.serverIsBack();
        return;
      case 'retry-now':
        this.#serverLink.networkChanged();
        this.#catalogue.retryNow();
        this.#installations.retryFailed();
        return;
      default:
        this.#serverLink.feedReceived(message);
    }
  }

  /** A throttling period or a blockout began or ended. */
  #calendarChanged(): void {
    const { generalThrottle, calendar } = this.#context;
    generalThrottle.setLimit(calendar.throttle.bytesPerSecond);
    // Claims are released and requests end before all falls silent, and begin again once it does not any more.
    if (!calendar.isSilent) this.#followSilence();
    this.#catalogue.calendarChanged();
    if (calendar.isSilent) this.#followSilence();
  }

  /** Says goodbye and falls silent for a total blockout, or comes back to word after it. */
  #followSilence(): void {
    const { ports, calendar } = this.#context;
    if (this.#isSilent === calendar.isSilent) return;
    const wasSilent = this.#isSilent === true;
    this.#isSilent = calendar.isSilent;
    if (!this.#isSilent) ports.communication.setAllowed(true);
    this.#discovery.configure();
    this.#subnetSearch.configure(this.#discovery.isRunning);
    this.#dhts.configure(this.#discovery.isRunning);
    this.#servingDesk.configure();
    this.#packageServerDesk.configure();
    if (this.#isSilent) {
      this.#catalogue.fallSilent();
      ports.communication.setAllowed(false);
    }
    if (!wasSilent || this.#isSilent) return;
    this.#context.beginStartPhase();
    this.#serverLink.start();
  }

  #setInterfaces(interfaces: readonly AgentInterfaceAddress[]): void {
    this.#context.peers.setInterfaces(interfaces);
    this.#context.beginStartPhase();
  }

  #interfacesChanged(interfaces: readonly AgentInterfaceAddress[]): void {
    const { peers, ports } = this.#context;
    const gone = peers.interfaces.filter(({ address }) => !interfaces.some((now) => now.address === address));
    const left = gone.filter(({ subnet }) => !interfaces.some((now) => isSameCidr(now.subnet, subnet)));
    // Before the new ones count: what is said now is for those who are left behind, where the old address still carries it.
    if (gone.length > 0) this.#catalogue.addressGone(left.length > 0);
    const heard = this.#discovery.isRunning ? peers.broadcastInterfaces : [];
    for (const { address } of heard.filter((adapter) => left.some((other) => other.address === adapter.address))) {
      ports.datagrams.broadcast(address, { kind: 'byebye' });
    }
    this.#setInterfaces(interfaces);
    this.#context.outbox.add({ kind: 'interfaces-changed', ...this.#toldNetwork() });
    if (this.#isSilent !== true) this.#serverLink.networkChanged();
    this.#discovery.changed();
    this.#subnetSearch.configure(this.#discovery.isRunning);
    this.#dhts.configure(this.#discovery.isRunning);
    this.#subnetSearch.restart();
    this.#catalogue.step();
  }

  #toldNetwork() {
    const { peers, unsupportedAdapters } = this.#context;
    return { interfaces: toldInterfaces(peers.interfaces), unsupportedAdapters: [...unsupportedAdapters] };
  }

  #applyConfiguration(configuration: AgentConfiguration): void {
    const context = this.#context;
    context.configuration = configuration;
    context.packageServer = configuration.packageServer ?? null;
    this.#settleSettings(configuration);
    // Whatever else is new may have a package go on.
    context.withdrawals.learn(configuration.withdrawn);
    context.peers.setRevoked(configuration.revokedAgentIds);
    context.peers.setUnavailablePeerTimeout(context.settings.unavailablePeerTimeoutMs);
    context.peers.setUnicastOnly(configuration.site?.locationType === 'wifi');
    context.peers.setAdditionalSubnets(additionalSubnetsOf(configuration));
    context.journal.setKeepEntries(context.settings.journalEntries);
    context.downloadRates.setLimit(context.settings.maxDownloadBytesPerSecond);
    context.calendar.configure(context.settings);
    this.#userControl.configure();
    this.#serverLink.configure();
    this.#servingDesk.configure();
    this.#packageServerDesk.configure();
    // A claim is released before the goodbye.
    if (this.#discovery.isRunning && !context.settings.peerDownloading) this.#catalogue.step();
    this.#discovery.configure();
    this.#subnetSearch.configure(this.#discovery.isRunning);
    this.#dhts.configure(this.#discovery.isRunning);
    this.#catalogue.applyConfiguration(configuration);
    this.#installations.configure();
    this.#followAttention();
  }

  #followAttention(): void {
    this.#context.ports.subnetDirectory.setAttentive(this.#catalogue.isAttentive);
  }

  #withdraw(key: PackageKey): boolean {
    this.#servingDesk.breakOff(key);
    this.#packageServerDesk.gone(key);
    return this.#catalogue.withdraw(key);
  }

  /** The policy's, without peers while the computer is in an excepted condition. */
  #settleSettings(configuration: AgentConfiguration): void {
    const { conditions, identity } = this.#context;
    const { packageServer } = this.#context;
    const ofPolicy = effectiveSettingsOf(configuration.settings, identity.cpuCores);
    const settings = packageServer === null ? ofPolicy : { ...ofPolicy, maxCacheShare: packageServer.maxCache / 100 };
    const wasExcepted = conditions.exception !== null;
    conditions.configure(settings, configuration.site?.locationType ?? 'office');
    const isExcepted = conditions.exception !== null;
    this.#context.settings = isExcepted ? { ...settings, peerDownloading: false } : settings;
    if (wasExcepted && !isExcepted) this.#context.beginStartPhase();
  }

  #changeConditions(change: () => void): void {
    const { conditions, configuration } = this.#context;
    const before = { exception: conditions.exception, servingProblem: conditions.servingProblem };
    change();
    const isSame = before.exception === conditions.exception && before.servingProblem === conditions.servingProblem;
    if (isSame || configuration === null || this.#context.isStopping) return;
    this.#settleSettings(configuration);
    if (before.exception !== null && conditions.exception === null) this.#context.beginStartPhase();
    // A claim is released before the goodbye.
    this.#catalogue.step();
    this.#servingDesk.configure();
    this.#discovery.configure();
    this.#subnetSearch.configure(this.#discovery.isRunning);
    this.#dhts.configure(this.#discovery.isRunning);
    // Who serves nobody announces no packages.
    this.#discovery.changed();
  }

  #stop(): void {
    if (this.#context.isStopping) return;
    this.#catalogue.stop();
    this.#context.isStopping = true;
    this.#packageServerDesk.configure();
    this.#servingDesk.configure();
    this.#discovery.stop();
    this.#subnetSearch.configure(false);
    this.#dhts.configure(false);
    this.#context.journal.flush(0);
    this.#context.outbox.add({ kind: 'stopping' });
    this.#serverLink.flush();
  }

  #heard(from: PeerEndpoint, bootId: number, message: DatagramMessage, interfaceAddress: Ipv4): void {
    if (from.agentId === this.#context.ownId) {
      this.#countDropped('own-echo');
      return;
    }
    if (this.#context.peers.subnetOf(from.address) === null) {
      this.#countDropped('outside-subnets');
      return;
    }
    if (!this.#context.settings.peerDownloading || this.overhears(from, bootId, message)) return;
    const change = this.#context.peers.heard(from, bootId, message.kind === 'alive' ? message.name : null);
    // What a banned peer says is noted only as a sign that it is there.
    if (change === null || this.#context.peers.isBanned(from.agentId)) return;
    if (message.kind === 'byebye') {
      this.#catalogue.heard(from.agentId, bootId, message);
      this.#context.peers.byebye(from.agentId);
      this.#dhts.gone(from.agentId);
      return;
    }
    if (message.kind === 'dht') {
      this.#dhts.receive(from, interfaceAddress, message.message);
      return;
    }
    if (message.kind === 'peers') {
      this.#subnetSearch.noteLeads(message.peers);
      return;
    }
    if (message.kind === 'alive') {
      // Who was here a moment ago and has started anew knows nobody either.
      const isNewcomer = !this.#context.peers.hasAnnounced(from.agentId);
      this.#takeAnnouncement(from.agentId, bootId, message);
      if (isNewcomer) this.#discovery.welcome(from.agentId);
    }
    this.#catalogue.heard(from.agentId, bootId, message);
    if (message.kind === 'blocks') this.#servingDesk.holderHeard(message.key, from.agentId);
  }

  #takeAnnouncement(
    peer: AgentId,
    bootId: number,
    message: Extract<DatagramMessage, { readonly kind: 'alive' }>,
  ): void {
    this.#context.peers.noteAnnounced(peer, bootId, message.packages);
    for (const entry of message.packages) this.#catalogue.noteAnnounced(peer, entry.key, entry.state);
    this.#followAttention();
  }

  #liveReport() {
    return {
      bootId: this.#context.identity.bootId,
      ...this.#context.totals,
      peers: this.#context.peers.alive().length,
      packages: this.#catalogue.all.map((delivery) => ({
        key: delivery.subject.key satisfies PackageKey,
        state: delivery.state,
        blocks: delivery.blocks?.count ?? 0,
        blockCount: delivery.blockCount,
      })),
    };
  }

  #countDropped(reason: DroppedDatagramKind, count = 1): void {
    this.#dropped.set(reason, (this.#dropped.get(reason) ?? 0) + count);
  }
}

function toldInterfaces(interfaces: readonly AgentInterfaceAddress[]): AgentInterface[] {
  return interfaces.map(({ name, address, subnet, port }) => ({
    name,
    address: formatIpv4(address),
    subnet: formatCidr(subnet),
    port,
  }));
}
