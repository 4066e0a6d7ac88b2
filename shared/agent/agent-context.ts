import type { AgentId, PackageKey } from '../base/ids.ts';
import type { AgentConfiguration, PackageServerRole } from '../contracts/agent-api.ts';
import { claimTimes } from './claim-times.ts';
import { Conditions } from './conditions.ts';
import { DecisionJournal } from './decision-journal.ts';
import { EarlyWords } from './early-words.ts';
import type { EffectiveSettings } from './effective-settings.ts';
import { effectiveSettingsOf } from './effective-settings.ts';
import { EventOutbox } from './event-outbox.ts';
import { GeneralThrottle } from './general-throttle.ts';
import type { HolderFinder } from './holder-finder.ts';
import { AnnouncedHolders } from './holder-finder.ts';
import { PeerDemand } from './peer-demand.ts';
import { PeerTable } from './peer-table.ts';
import { PendingCommands } from './pending-commands.ts';
import { PolicyCalendar } from './policy-calendar.ts';
import type { AgentIdentity, AgentPorts, CommandId } from './ports.ts';
import { RateDivider } from './rate-divider.ts';
import { Timers } from './timers.ts';
import { TransferTally } from './transfer-tally.ts';
import { Voice } from './voice.ts';
import { Withdrawals } from './withdrawals.ts';

/** What the parts of one agent share: its ports, its bookkeepers and the settings in force. */
export class AgentContext {
  readonly identity: AgentIdentity;
  readonly ports: AgentPorts;
  readonly timers: Timers;
  readonly commands = new PendingCommands();
  readonly peers: PeerTable;
  /** The agent puts one here that asks the DHT as well. */
  holderFinder: HolderFinder;
  readonly voice: Voice;
  readonly journal: DecisionJournal;
  readonly outbox: EventOutbox;
  /** Maximum download bandwidth, over all transfers from peers. */
  readonly downloadRates: RateDivider<CommandId>;
  /** The policy's throttling periods, over all transfers from servers. */
  readonly generalThrottle: GeneralThrottle;
  readonly calendar: PolicyCalendar;
  /** The state of the computer, as the policy judges it. */
  readonly conditions: Conditions;
  readonly tally: TransferTally;
  readonly peerDemand = new PeerDemand();
  readonly withdrawals: Withdrawals;
  readonly earlyWords = new EarlyWords();
  configuration: AgentConfiguration | null = null;
  /** The Package Server role, where this agent has it. */
  packageServer: PackageServerRole | null = null;
  settings: EffectiveSettings;
  isStopping = false;
  /** Names of adapters that have IPv6 only: nothing can be done with them, and people should know. */
  unsupportedAdapters: readonly string[] = [];
  /** Rising since the start, for live reports. */
  readonly totals = { peerBytesIn: 0, directBytesIn: 0, peerBytesOut: 0 };
  #startPhaseUntilMs = 0;

  constructor(
    ports: AgentPorts,
    identity: AgentIdentity,
    onCalendarChanged: () => void,
    withdraw: (key: PackageKey) => boolean,
  ) {
    this.ports = ports;
    this.identity = identity;
    this.settings = effectiveSettingsOf(identity.settings, identity.cpuCores);
    this.conditions = new Conditions(this.settings);
    this.timers = new Timers(ports.clock);
    this.peers = new PeerTable(ports.clock, ports.subnetDirectory, identity.agentId);
    this.holderFinder = new AnnouncedHolders(this.peers);
    this.voice = new Voice(ports.datagrams, this.peers);
    this.withdrawals = new Withdrawals(this, withdraw);
    this.journal = new DecisionJournal(ports.clock, ports.persistence, this.peers, identity.firstJournalSequence);
    this.tally = new TransferTally(ports.clock);
    this.outbox = new EventOutbox(ports.clock, identity.firstEventSequence);
    const setRate = (commandId: CommandId, rate: number) => ports.transfers.setRate(commandId, rate);
    this.downloadRates = new RateDivider(setRate);
    this.generalThrottle = new GeneralThrottle(setRate);
    this.calendar = new PolicyCalendar(ports.clock, ports.random, this.timers, this.settings, {
      changed: onCalendarChanged,
    });
  }

  get ownId(): AgentId {
    return this.identity.agentId;
  }

  /** Nobody gets anything from here now. The installations, battery and load of a Package Server hold nothing up. */
  get servesNobody(): boolean {
    return this.packageServer === null && this.conditions.servingProblem !== null;
  }

  nowMs(): number {
    return this.ports.clock.nowMs();
  }

  /** Start or address change: others of the subnet may be starting too, wants are gathered longer. */
  beginStartPhase(): void {
    this.#startPhaseUntilMs = this.nowMs() + claimTimes.startPhaseMs;
  }

  get isStartPhase(): boolean {
    return this.nowMs() < this.#startPhaseUntilMs;
  }
}
