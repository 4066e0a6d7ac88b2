import type { AssignedDelivery } from '../contracts/agent-api.ts';
import type { DeliveryReport } from '../contracts/deliveries.ts';

/** What came of an installation, beside the state. */
export type Outcome = Pick<DeliveryReport, 'failure' | 'exitCode' | 'isRebootPending'>;
export const noOutcome: Outcome = { failure: null, exitCode: null, isRebootPending: false };

/**
 * For which delivery a package is here, and what the Notification Server is told of it. Invariant: an installation is
 * reported for the delivery that it began for, also when another one has come meanwhile.
 */
export class DeliveryReporter {
  #assignment: AssignedDelivery | null = null;
  /** The newest that there was: it may have been taken back, and what came of it is still known here. */
  #newest: AssignedDelivery | null = null;
  /** The server has not been told yet how far this assignment is. */
  #isUntold = false;
  /** The delivery whose installation is under way; it may be over for everybody else. */
  #installsFor: AssignedDelivery | null = null;
  #outcome: Outcome = noOutcome;

  get assignment(): AssignedDelivery | null {
    return this.#assignment;
  }

  get isUntold(): boolean {
    return this.#isUntold;
  }

  get outcome(): Outcome {
    return this.#outcome;
  }

  set outcome(outcome: Outcome) {
    this.#outcome = outcome;
  }

  /** True where what came of an earlier delivery says nothing of this one. */
  assign(assignment: AssignedDelivery | null): boolean {
    const before = this.#assignment;
    this.#assignment = assignment;
    if (assignment === null) return false;
    const isOther = before?.deliveryId !== assignment.deliveryId;
    if (isOther || (before?.plan?.round ?? 0) !== (assignment.plan?.round ?? 0)) this.#isUntold = true;
    const isAfterAnother = this.#newest !== null && this.#newest.deliveryId !== assignment.deliveryId;
    this.#newest = assignment;
    return isAfterAnother && this.#installsFor === null;
  }

  installationBegins(): void {
    this.#installsFor = this.#assignment;
  }

  /** True where another delivery has come since it began: of that one, nothing has been told. */
  installationEnded(): boolean {
    const ended = this.#installsFor;
    this.#installsFor = null;
    if (ended === null || this.#assignment === null || ended.deliveryId === this.#assignment.deliveryId) return false;
    this.#isUntold = true;
    return true;
  }

  /** What a state that is told now says of its delivery: nothing where no delivery brought it. */
  tell(): { readonly delivery?: DeliveryReport } {
    this.#isUntold = false;
    const told = this.#installsFor ?? this.#assignment;
    if (told === null) return {};
    return { delivery: { deliveryId: told.deliveryId, round: told.plan?.round ?? 0, ...this.#outcome } };
  }
}
