import type { PackageKey } from '../base/ids.ts';
import type { DeliveryFailure, DeliveryPlan, Installation, InstallationRecord } from '../contracts/deliveries.ts';
import type { UserAnswer, UserNotice } from '../contracts/user-control.ts';
import type { AgentContext } from './agent-context.ts';
import { deliveryNow, installVerdict, isPast, nextLookMs } from './delivery-times.ts';
import type { PackageDelivery } from './package-delivery.ts';
import type { ExecutionOutcome } from './ports.ts';
import { WakeUp } from './timers.ts';

/** Of deliveries that are over, too. */
const maxRecords = 1000;
const executionTimeoutMs = 3_600_000;
const outputLimitBytes = 65_536;
/** What people and the server are told of the output: its end, where the reason usually is. */
const toldOutputCharacters = 300;
const firstRetryMs = 60_000;
const retryFactor = 4;
/** As long as the person at the computer has for "not now". */
const noticeMs = 300_000;
const postponementMs = 3_600_000;
/**
 * An installation that is due waits so long at most for peers that take blocks from here: nobody gets any while it runs, and
 * what only this computer holds would cross the WAN again, or be waited for.
 */
const handOverMs = 60_000;
/** The same for an emergency, or past the deadline. */
const urgentHandOverMs = 10_000;
const handOverLookMs = 500;
/** Exit codes by which installers of Windows say that all went well and the computer has to be restarted. */
const rebootExitCodes = [3010, 1641];

export interface InstallationsOwner {
  deliveries(): readonly PackageDelivery[];
  /** Peers take from here what they would have to wait for. */
  isNeededByPeers(): boolean;
  /** While something is installed, peers are not served. */
  installingChanged(isInstalling: boolean): void;
  notify(kind: UserNotice['kind'], message: string): void;
}

interface Candidate {
  readonly delivery: PackageDelivery;
  readonly deliveryId: string;
  readonly plan: DeliveryPlan;
  readonly installation: Installation;
}

/**
 * What follows when a package is ready: one installation at a time, when its delivery, the policy and the person at the
 * computer let it. Invariant: a command is started only after the intent is on the disk, so that a life that ends in the
 * middle leaves a sign; what is found like that is called interrupted, and only an administrator has it tried again.
 */
export class Installations {
  readonly #context: AgentContext;
  readonly #owner: InstallationsOwner;
  readonly #records = new Map<string, InstallationRecord>();
  readonly #wakeUp: WakeUp;
  readonly #readySinceWallMs = new Map<PackageKey, number>();
  /** Of this life, by delivery: after a failed try, and after the notice to the person. Monotonic. */
  readonly #notBeforeMs = new Map<string, number>();
  readonly #announced = new Set<string>();
  /** Until when, at the latest, an installation that is due waits for peers. Monotonic, by delivery. */
  readonly #handOverUntilMs = new Map<string, number>();
  #running: string | null = null;
  /** Their end is being written down: until that is done no other round of theirs begins. */
  readonly #ending = new Set<string>();

  constructor(context: AgentContext, owner: InstallationsOwner) {
    this.#context = context;
    this.#owner = owner;
    this.#wakeUp = new WakeUp(context.ports.clock, context.timers, () => this.look());
  }

  /** What is written down from former lives. Before the first configuration. */
  restore(records: readonly InstallationRecord[]): void {
    for (const record of records) this.#records.set(record.deliveryId, record);
  }

  /** After the packages follow a new configuration. */
  configure(): void {
    this.#forgetOldest();
    for (const candidate of this.#candidates()) this.#recall(candidate);
    for (const delivery of this.#owner.deliveries()) delivery.tellAssignment();
    this.look();
  }

  /** Whatever failed on this computer is tried anew, as if it had never been. */
  retryFailed(): void {
    for (const candidate of this.#candidates()) {
      const record = this.#recordOf(candidate);
      this.#notBeforeMs.delete(candidate.deliveryId);
      if (record.phase !== 'failed' || !candidate.delivery.isComplete) continue;
      this.#note({ ...record, phase: 'waiting', tries: 0, failure: null, exitCode: null, detail: '' }, () => {
        candidate.delivery.retryInstallation();
        this.look();
      });
    }
    this.look();
  }

  packageChanged({ subject: { key }, state }: PackageDelivery): void {
    if (state === 'ready') {
      if (!this.#readySinceWallMs.has(key)) this.#readySinceWallMs.set(key, this.#context.ports.clock.wallTimeMs());
      // Not from inside the change of state that is being told.
      this.#wakeUp.noLaterThan(this.#context.nowMs());
    } else if (state === 'downloading' || state === 'queued') this.#readySinceWallMs.delete(key);
  }

  /** Begins what is due, and looks again when something else may be. */
  look(): void {
    const { ports, isStopping } = this.#context;
    if (isStopping || this.#running !== null) return;
    const now = deliveryNow(ports.clock);
    let nextMs = Number.POSITIVE_INFINITY;
    for (const candidate of this.#candidates()) {
      const { delivery, deliveryId, plan } = candidate;
      // What was lost and fetched again is installed already.
      if (delivery.state === 'ready' && this.#recordOf(candidate).phase !== 'waiting') this.#recall(candidate);
      if (!this.#isWaiting(candidate)) continue;
      const { postponedUntilMs } = this.#recordOf(candidate);
      const isFree = this.#isUrgent(candidate);
      const readySinceWallMs = this.#readySinceWallMs.get(delivery.subject.key) ?? 0;
      const verdict = installVerdict(plan, delivery.subject.priority, now, readySinceWallMs);
      if (verdict === 'paused') continue;
      const isPostponed = !isFree && postponedUntilMs !== null && now.wallTimeMs < postponedUntilMs;
      if (verdict === 'waits' || isPostponed) {
        nextMs = Math.min(nextMs, nextLookMs(ports.clock, [plan.availableFromMs, plan.deadlineMs, postponedUntilMs]));
        continue;
      }
      if (!isFree) this.#announce(candidate);
      const notBeforeMs = this.#notBeforeMs.get(deliveryId) ?? 0;
      if (this.#context.nowMs() < notBeforeMs) {
        nextMs = Math.min(nextMs, notBeforeMs);
        continue;
      }
      if (this.#isHandingOver(deliveryId, isFree)) {
        nextMs = Math.min(nextMs, this.#context.nowMs() + handOverLookMs);
        continue;
      }
      this.#begin(candidate);
      return;
    }
    this.#wakeUp.setAt(nextMs);
  }

  /** "Not now", by the person at the computer, for everything that waits. */
  postpone(): UserAnswer {
    const { allowUserPostpone } = this.#context.settings;
    if (allowUserPostpone === 0) {
      return refused('The policy of this computer does not allow installations to be postponed.');
    }
    const waiting = this.#candidates().filter((candidate) => this.#isWaiting(candidate));
    if (waiting.length === 0) return refused('No installation is waiting, so there is nothing to postpone.');
    const open = waiting.filter((candidate) => !this.#isUrgent(candidate));
    if (open.length === 0) return refused('This installation is urgent and cannot be postponed.');
    const allowed = open.filter((candidate) => this.#recordOf(candidate).postponements < allowUserPostpone);
    const [first] = allowed;
    if (first === undefined) {
      return refused(
        `This installation was postponed ${times(allowUserPostpone)} already, which is as often as allowed.`,
      );
    }
    const postponedUntilMs = this.#context.ports.clock.wallTimeMs() + postponementMs;
    for (const candidate of allowed) {
      const record = this.#recordOf(candidate);
      this.#announced.delete(candidate.deliveryId);
      this.#notBeforeMs.delete(candidate.deliveryId);
      this.#note({ ...record, postponements: record.postponements + 1, postponedUntilMs }, () => undefined);
    }
    this.look();
    const left = allowUserPostpone - this.#recordOf(first).postponements;
    const again = left === 0 ? 'It cannot be postponed again.' : `It can be postponed ${times(left)} more.`;
    return { accepted: true, message: `${nameOf(first)} is not installed for an hour. ${again}` };
  }

  #candidates(): readonly Candidate[] {
    return this.#owner.deliveries().flatMap((delivery) => {
      const { assignment } = delivery;
      const installation = assignment?.plan?.installation ?? null;
      if (assignment?.plan === undefined || installation === null) return [];
      return [{ delivery, deliveryId: assignment.deliveryId, plan: assignment.plan, installation }];
    });
  }

  /** Ready, and nothing has come of it in this round. */
  #isWaiting(candidate: Candidate): boolean {
    const { delivery, deliveryId } = candidate;
    if (this.#ending.has(deliveryId)) return false;
    const { phase } = this.#recordOf(candidate);
    return delivery.state === 'ready' && delivery.takesRoom && phase === 'waiting';
  }

  /** Neither windows nor people hold it up. */
  #isUrgent({ delivery, plan }: Candidate): boolean {
    return delivery.subject.priority === 'emergency' || isPast(plan.deadlineMs, deliveryNow(this.#context.ports.clock));
  }

  #recordOf({ delivery, deliveryId, plan }: Candidate): InstallationRecord {
    const known = this.#records.get(deliveryId);
    const isOver = known?.phase === 'failed' && known.round < plan.round;
    if (known !== undefined && !isOver) return known;
    const { key } = delivery.subject;
    return { ...emptyRecord, deliveryId, key, round: plan.round, atMs: this.#context.ports.clock.wallTimeMs() };
  }

  /** A delivery that is away may come back, and must not run again: only very many are forgotten. */
  #forgetOldest(): void {
    if (this.#records.size <= maxRecords) return;
    const assigned = new Set(this.#owner.deliveries().map(({ assignment }) => assignment?.deliveryId));
    const oldest = [...this.#records.values()]
      .filter(({ deliveryId }) => !assigned.has(deliveryId) && deliveryId !== this.#running)
      .sort((a, b) => a.atMs - b.atMs)
      .slice(0, this.#records.size - maxRecords);
    if (oldest.length === 0) return;
    for (const { deliveryId } of oldest) this.#records.delete(deliveryId);
    this.#context.ports.execution.keepOnly([...this.#records.keys()]);
  }

  /** What a former life, or an earlier configuration, had come to. */
  #recall(candidate: Candidate): void {
    const { delivery, deliveryId, installation } = candidate;
    const record = this.#recordOf(candidate);
    if (deliveryId === this.#running || this.#ending.has(deliveryId)) return;
    if (record.phase === 'running') {
      if (installation.command !== null) this.#fail(candidate, record, 'interrupted', null, interruptedSentence);
      return;
    }
    if (delivery.state === 'failed' && record.phase === 'waiting') delivery.retryInstallation();
    if (delivery.state !== 'ready') return;
    if (record.phase === 'failed')
      delivery.installationFailed(record.failure ?? 'interrupted', record.exitCode, record.detail);
    if (record.phase !== 'installed') return;
    const startedAtMs = this.#context.identity.computerStartedAtMs;
    const isRestarted = record.isRebootPending && startedAtMs !== null && startedAtMs > record.atMs;
    if (isRestarted) this.#note({ ...record, isRebootPending: false }, () => undefined);
    delivery.installed(record.isRebootPending && !isRestarted, record.exitCode, record.detail);
  }

  /** For a moment yet peers need what this computer alone has, or are taking it. */
  #isHandingOver(deliveryId: string, isUrgent: boolean): boolean {
    const nowMs = this.#context.nowMs();
    const untilMs = this.#handOverUntilMs.get(deliveryId) ?? nowMs + (isUrgent ? urgentHandOverMs : handOverMs);
    this.#handOverUntilMs.set(deliveryId, untilMs);
    if (nowMs < untilMs && this.#owner.isNeededByPeers()) return true;
    this.#handOverUntilMs.delete(deliveryId);
    return false;
  }

  /** Gives the person at the computer some minutes, where the policy lets them say "not now". */
  #announce(candidate: Candidate): void {
    const { allowUserPostpone, showNotifications } = this.#context.settings;
    const { postponements } = this.#recordOf(candidate);
    if (!showNotifications || postponements >= allowUserPostpone || this.#announced.has(candidate.deliveryId)) return;
    this.#announced.add(candidate.deliveryId);
    this.#notBeforeMs.set(candidate.deliveryId, this.#context.nowMs() + noticeMs);
    this.#owner.notify('installation-soon', `${nameOf(candidate)} is installed in five minutes. It can be postponed.`);
  }

  #begin(candidate: Candidate): void {
    const { delivery, deliveryId, installation } = candidate;
    const before = this.#recordOf(candidate);
    if (installation.command !== null && !this.#context.identity.allowsExecution) {
      this.#fail(candidate, before, 'execution-not-allowed', null, notAllowedSentence);
      return;
    }
    this.#running = deliveryId;
    this.#owner.installingChanged(true);
    delivery.installing();
    this.#owner.notify('installation-started', `${nameOf(candidate)} is being installed.`);
    const record: InstallationRecord = { ...before, phase: 'running', tries: before.tries + 1, detail: '' };
    if (installation.command === null) {
      this.#context.timers.after(installation.durationSeconds * 1000, () => this.#succeed(candidate, record, null, ''));
      return;
    }
    const { command } = installation;
    this.#note(record, (problem) => {
      if (problem !== null) {
        this.#fail(candidate, before, 'disk-error', null, `The installation could not be noted: ${problem}`);
        return;
      }
      const commandId = this.#context.commands.begin((result) => {
        if (result.kind === 'executed') this.#executed(candidate, record, result.outcome, result.output);
      });
      const { key } = delivery.subject;
      const limits = { timeoutMs: executionTimeoutMs, outputLimitBytes };
      this.#context.ports.execution.run({ commandId, key, command, ...limits });
    });
  }

  #executed(candidate: Candidate, record: InstallationRecord, outcome: ExecutionOutcome, output: string): void {
    if (outcome.kind === 'exited' && (outcome.exitCode === 0 || rebootExitCodes.includes(outcome.exitCode))) {
      this.#succeed(candidate, record, outcome.exitCode, output);
      return;
    }
    const failure: DeliveryFailure = outcome.kind === 'exited' ? 'exit-code' : outcome.kind;
    const exitCode = outcome.kind === 'exited' ? outcome.exitCode : null;
    const sentence = `${outcomeSentence(outcome)}${output === '' ? '' : ` It wrote: ${endOf(output)}`}`;
    if (record.tries >= candidate.installation.tries) {
      this.#fail(candidate, record, failure, exitCode, sentence);
      return;
    }
    let retryMs = firstRetryMs;
    for (let tried = 1; tried < record.tries; tried++) retryMs *= retryFactor;
    this.#notBeforeMs.set(candidate.deliveryId, this.#context.nowMs() + retryMs);
    const detail = `Try ${record.tries} of ${candidate.installation.tries} failed and is repeated. ${sentence}`.slice(
      0,
      400,
    );
    this.#end(candidate, { ...record, phase: 'waiting', failure, exitCode, detail }, () =>
      candidate.delivery.retryInstallation(detail),
    );
  }

  #succeed(candidate: Candidate, record: InstallationRecord, exitCode: number | null, output: string): void {
    const isRebootPending = exitCode !== null && rebootExitCodes.includes(exitCode);
    const detail = endOf(output);
    const done = { ...record, phase: 'installed' as const, failure: null, exitCode, isRebootPending, detail };
    this.#end(candidate, done, () => {
      candidate.delivery.installed(isRebootPending, exitCode, detail);
      const after = isRebootPending ? ' The computer has to be restarted.' : '';
      this.#owner.notify('installation-done', `${nameOf(candidate)} is installed.${after}`);
    });
  }

  #fail(
    candidate: Candidate,
    record: InstallationRecord,
    failure: DeliveryFailure,
    exitCode: number | null,
    sentence: string,
  ): void {
    const detail = sentence.slice(0, 400);
    this.#end(candidate, { ...record, phase: 'failed', failure, exitCode, detail }, () => {
      candidate.delivery.installationFailed(failure, exitCode, detail);
      this.#owner.notify('installation-failed', `${nameOf(candidate)} could not be installed. ${detail}`);
    });
  }

  /** Told only once it is on the disk; where that fails, the next life finds the intent and does not run it again. */
  #end(candidate: Candidate, record: InstallationRecord, tell: () => void): void {
    this.#ending.add(record.deliveryId);
    this.#note(record, () => {
      this.#ending.delete(record.deliveryId);
      tell();
      if (this.#running === candidate.deliveryId) {
        this.#running = null;
        this.#owner.installingChanged(false);
      }
      // An administrator may have said "try again" while it ran: the next round begins with its failure.
      const now = this.#candidates().find(({ deliveryId }) => deliveryId === candidate.deliveryId);
      if (now?.delivery.state === 'failed') this.#recall(now);
      this.look();
    });
  }

  #note(record: InstallationRecord, then: (problem: string | null) => void): void {
    const noted = { ...record, atMs: this.#context.ports.clock.wallTimeMs() };
    this.#records.set(record.deliveryId, noted);
    const commandId = this.#context.commands.begin((result) => {
      if (result.kind === 'installationNoted') then(result.problem);
    });
    this.#context.ports.execution.note(commandId, noted);
  }
}

const emptyRecord = {
  phase: 'waiting',
  tries: 0,
  failure: null,
  exitCode: null,
  isRebootPending: false,
  postponements: 0,
  postponedUntilMs: null,
  detail: '',
} as const;

const interruptedSentence =
  'The agent ended in the middle of the installation: how far it came is not known. Retry it in the console.';
const notAllowedSentence =
  'This computer does not run commands of packages: its agent was started without --allow-execute.';

function outcomeSentence(outcome: ExecutionOutcome): string {
  switch (outcome.kind) {
    case 'exited':
      return `The command ended with exit code ${outcome.exitCode}.`;
    case 'timeout':
      return 'The command was ended after 60 minutes.';
    case 'signal':
      return `The command was ended by ${outcome.signal}.`;
    case 'could-not-start':
      return `The command could not be started: ${outcome.detail}`;
  }
}

function nameOf({ delivery: { subject } }: Candidate): string {
  return `${subject.name} ${subject.version}`;
}

function endOf(output: string): string {
  return output.trim().slice(-toldOutputCharacters);
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

function refused(message: string): UserAnswer {
  return { accepted: false, message };
}
