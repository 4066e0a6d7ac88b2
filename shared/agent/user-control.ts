import type { PackageKey } from '../base/ids.ts';
import type { PackageState } from '../contracts/package-state.ts';
import type { UserAction, UserAnswer, UserNotice } from '../contracts/user-control.ts';
import type { AgentContext } from './agent-context.ts';
import type { PackageDelivery } from './package-delivery.ts';

export interface UserControlOwner {
  /** Downloads were paused or may go on. */
  pauseChanged(): void;
  deliveries(): readonly PackageDelivery[];
  postpone(): UserAnswer;
}

/**
 * The say of the person at the computer, as far as the policy gives one. A pause ends with a word, with the policy that
 * allowed it, or with the agent's process: a computer must not stay without patches because of a forgotten pause.
 */
export class UserControl {
  readonly #context: AgentContext;
  readonly #owner: UserControlOwner;
  /** The state that was told last, of each package. */
  readonly #told = new Map<PackageKey, PackageState>();
  #isPaused = false;

  constructor(context: AgentContext, owner: UserControlOwner) {
    this.#context = context;
    this.#owner = owner;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** The policy changed. */
  configure(): void {
    if (!this.#context.settings.allowUserPause) this.#setPaused(false);
  }

  requested(requestId: number, action: UserAction): void {
    this.#context.ports.user.answer(requestId, this.#answerTo(action));
  }

  packageChanged(delivery: PackageDelivery): void {
    const { key, name, version } = delivery.subject;
    const { state } = delivery;
    const before = this.#told.get(key);
    if (state === before || state === 'queued') return;
    this.#told.set(key, state);
    if (state === 'downloading') this.notify('download-started', `${name} ${version} is being downloaded.`);
    else if (state === 'ready' && before !== 'installing')
      this.notify('download-ready', `${name} ${version} is ready.`);
    else if (state === 'failed' && !delivery.isComplete) {
      this.notify('download-failed', `${name} ${version} could not be downloaded. ${delivery.detail}`.trim());
    }
  }

  #answerTo(action: UserAction): UserAnswer {
    switch (action) {
      case 'pause':
        return this.#pause();
      case 'resume':
        return this.#resume();
      case 'postpone':
        return this.#owner.postpone();
      case 'status':
        return { accepted: true, message: this.#status() };
    }
  }

  #pause(): UserAnswer {
    if (!this.#context.settings.allowUserPause) {
      return { accepted: false, message: 'The policy of this computer does not allow downloads to be paused.' };
    }
    if (this.#isPaused) return { accepted: true, message: 'Downloads are paused already.' };
    this.#setPaused(true);
    return { accepted: true, message: 'Downloads are paused. Emergencies go on; so does what peers fetch from here.' };
  }

  #resume(): UserAnswer {
    if (!this.#isPaused) return { accepted: true, message: 'Downloads are not paused.' };
    this.#setPaused(false);
    return { accepted: true, message: 'Downloads go on.' };
  }

  #setPaused(isPaused: boolean): void {
    if (isPaused === this.#isPaused) return;
    this.#isPaused = isPaused;
    if (isPaused) this.notify('downloads-paused', 'Downloads are paused.');
    else this.notify('downloads-resumed', 'Downloads go on.');
    this.#owner.pauseChanged();
  }

  #status(): string {
    const waiting = this.#owner.deliveries().filter(({ state }) => state === 'downloading' || state === 'queued');
    const [first] = waiting;
    if (this.#isPaused) return `Downloads are paused. ${waiting.length} wait.`;
    if (first === undefined) return 'Nothing is being downloaded.';
    const { name, version } = first.subject;
    const held = first.heldSentence ?? `${first.blocks?.count ?? 0} of ${first.blockCount} blocks are here.`;
    const others = waiting.length === 1 ? '' : ` ${waiting.length - 1} more wait or run.`;
    return `${name} ${version}: ${held}${others}`;
  }

  /** Where the policy shows notifications. */
  notify(kind: UserNotice['kind'], message: string): void {
    if (this.#context.settings.showNotifications)
      this.#context.ports.user.notify({ kind, message: message.slice(0, 1000) });
  }
}
