import type { BlockSet } from '../base/block-set.ts';
import type { AssignedDelivery } from '../contracts/agent-api.ts';
import type { PackageState } from '../contracts/package-state.ts';
import type { AgentContext } from './agent-context.ts';
import type { Outcome } from './delivery-report.ts';
import { DeliveryReporter, noOutcome } from './delivery-report.ts';
import type { PackageSubject } from './package-subject.ts';

const maxToldDetailCharacters = 400;

/** Whose status it is. */
export interface StatusSubject {
  readonly subject: PackageSubject;
  readonly blocks: BlockSet | null;
  readonly blockCount: number;
  readonly isComplete: boolean;
}

/** How far a package is, as people see it, and as the Notification Server is told of it and of the delivery that brings it. */
export class PackageStatus {
  readonly #context: Pick<AgentContext, 'outbox'>;
  readonly #of: StatusSubject;
  readonly #changed: () => void;
  readonly #report = new DeliveryReporter();
  #state: PackageState = 'queued';
  /** For people. */
  detail = '';

  /** `changed`: the state did, or what is said of it, and the server is told. */
  constructor(context: Pick<AgentContext, 'outbox'>, of: StatusSubject, changed: () => void) {
    this.#context = context;
    this.#of = of;
    this.#changed = changed;
  }

  get state(): PackageState {
    return this.#state;
  }

  get assignment(): AssignedDelivery | null {
    return this.#report.assignment;
  }

  assign(assignment: AssignedDelivery | null): void {
    if (this.#report.assign(assignment) && this.#of.isComplete) this.backToReady('');
  }

  /** Where the server cannot know it: what is here was here before the delivery. */
  tellAssignment(): void {
    if (this.#report.isUntold && this.#state !== 'queued' && this.#state !== 'withdrawn') this.#tell();
  }

  change(state: PackageState, detail: string, outcome: Outcome = noOutcome): void {
    if (state === this.#state && detail === this.detail && outcome.failure === this.#report.outcome.failure) return;
    this.#state = state;
    this.detail = detail;
    this.#report.outcome = outcome;
    // Anybody may ask a Package Server for what does not exist.
    if (this.#of.subject.isHearsay !== true) this.#tell();
    this.#changed();
  }

  /** As it was in a former life: everybody has been told. */
  restore(state: 'ready'): void {
    this.#state = state;
  }

  /** Without a word: nobody but the agent has to do with it now. */
  backToReady(otherwise: 'queued' | ''): void {
    if (this.#of.isComplete) this.#state = 'ready';
    else if (otherwise !== '') this.#state = otherwise;
    this.#report.outcome = noOutcome;
  }

  installing(): void {
    this.#report.installationBegins();
    this.change('installing', '');
  }

  /** Nothing came of it, and it is tried again. */
  installationPutOff(): void {
    this.#report.installationEnded();
  }

  /** What came of it was told. */
  installationEnded(): void {
    if (!this.#report.installationEnded()) return;
    this.backToReady('');
    this.tellAssignment();
  }

  #tell(): void {
    const { subject, blocks, blockCount } = this.#of;
    this.#context.outbox.add({
      kind: 'package-state',
      key: subject.key,
      state: this.#state,
      blocks: blocks?.count ?? 0,
      blockCount,
      detail: this.detail.slice(0, maxToldDetailCharacters),
      ...this.#report.tell(),
    });
  }
}
