/**
 * Shares one limit equally between the transfers that run under it. It only computes shares: the adapters pace bytes, and
 * `apply` tells them.
 */
export class RateDivider<Member extends number> {
  readonly #members = new Set<Member>();
  readonly #apply: (member: Member, bytesPerSecond: number) => void;
  #limitBytesPerSecond = Number.POSITIVE_INFINITY;

  constructor(apply: (member: Member, bytesPerSecond: number) => void) {
    this.#apply = apply;
  }

  get size(): number {
    return this.#members.size;
  }

  setLimit(bytesPerSecond: number): void {
    if (bytesPerSecond === this.#limitBytesPerSecond) return;
    this.#limitBytesPerSecond = bytesPerSecond;
    this.#spread(null);
  }

  /** Adds a transfer and returns its share; the others are told theirs. */
  add(member: Member): number {
    this.#members.add(member);
    this.#spread(member);
    return this.#share();
  }

  remove(member: Member): void {
    if (this.#members.delete(member)) this.#spread(null);
  }

  #share(): number {
    return this.#limitBytesPerSecond / Math.max(1, this.#members.size);
  }

  #spread(except: Member | null): void {
    if (this.#limitBytesPerSecond === Number.POSITIVE_INFINITY && except !== null) return;
    for (const member of this.#members) if (member !== except) this.#apply(member, this.#share());
  }
}
