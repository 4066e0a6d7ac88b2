import type { AgentId, PackageKey } from '../base/ids.ts';
import type { DatagramMessage } from './datagram-message.ts';

/** Words of a subnet that begins with a few packages at once. */
const maxWords = 4096;
/** What was heard longer ago says nothing: a claim is repeated every second. */
const keptMs = 3000;

export type PackageWord = Extract<DatagramMessage, { readonly kind: 'want' | 'claim' | 'release' | 'blocks' }>;

export interface EarlyWord {
  readonly sender: AgentId;
  readonly bootId: number;
  readonly message: PackageWord;
  readonly heardAtMs: number;
}

/**
 * What peers said of a package before this agent had begun with it. Everybody learns of a delivery at another moment: who is
 * late has heard already who wants it, who holds what, and who fetches it for all.
 */
export class EarlyWords {
  /** By package, sender and subject: of each the newest. The one heard last is last. */
  readonly #words = new Map<string, EarlyWord>();

  note(sender: AgentId, bootId: number, message: PackageWord, nowMs: number): void {
    // A release takes a claim back.
    const subject = message.kind === 'release' ? 'claim' : message.kind;
    const name = `${message.key} ${sender} ${subject}`;
    this.#words.delete(name);
    this.#words.set(name, { sender, bootId, message, heardAtMs: nowMs });
    for (const [oldest, { heardAtMs }] of this.#words) {
      if (this.#words.size <= maxWords && nowMs - heardAtMs <= keptMs) break;
      this.#words.delete(oldest);
    }
  }

  /** Hands over what was said of the package lately, the oldest first. */
  take(key: PackageKey, nowMs: number): EarlyWord[] {
    const taken: EarlyWord[] = [];
    for (const [name, word] of this.#words) {
      if (word.message.key !== key) continue;
      this.#words.delete(name);
      if (nowMs - word.heardAtMs <= keptMs) taken.push(word);
    }
    return taken;
  }
}
