/**
 * The clock of the Notification Server, as an offset to the own one: keys are switched and datagrams dated by it, so that
 * agents agree whatever their own clocks say.
 */
export class ServerTime {
  #offsetMs: number;

  /** `offsetMs`: of the last life, 0 where there was none. */
  constructor(offsetMs = 0) {
    this.#offsetMs = offsetMs;
  }

  get offsetMs(): number {
    return this.#offsetMs;
  }

  nowMs(): number {
    return Date.now() + this.#offsetMs;
  }

  /** `serverTimeMs` stood in an answer that took `roundTripMs` and has just arrived. */
  learn(serverTimeMs: number, roundTripMs: number): void {
    this.#offsetMs = Math.round(serverTimeMs + roundTripMs / 2 - Date.now());
  }
}
