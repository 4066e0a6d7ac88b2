import type { ComputerConditions, LocationType } from '../contracts/conditions.ts';
import type { ExceptionCondition } from '../contracts/settings.ts';
import type { EffectiveSettings } from './effective-settings.ts';

/** Above the limit it stops serving; so many points below it serves again. The adapter's load is an average already. */
const loadHysteresisPercent = 10;

/** Why this computer serves nobody although peer downloading is on. */
export type ServingProblem = 'installing' | 'battery' | 'processor';

const exceptionSentences: { readonly [Exception in ExceptionCondition]: string } = {
  'cloud-enabled': 'Downloads from servers only, because the computer is outside the network.',
  vpn: 'Downloads from servers only, because the computer is connected through VPN.',
  metered: 'Downloads from servers only, because the connection is metered.',
  battery: 'Downloads from servers only, because the computer is on battery.',
};

/** What the state of the computer and the policy together mean: whether peers are asked, and whether they are served. */
export class Conditions {
  /** Null until the computer has said anything: then nothing is excepted. */
  #told: ComputerConditions | null = null;
  #location: LocationType = 'office';
  #settings: EffectiveSettings;
  #isOverloaded = false;
  /** This agent itself installs something. */
  #isInstalling = false;

  constructor(settings: EffectiveSettings) {
    this.#settings = settings;
  }

  /** What the computer says of itself. */
  take(conditions: ComputerConditions): void {
    this.#told = conditions;
    this.#judgeLoad();
  }

  setInstalling(isInstalling: boolean): void {
    this.#isInstalling = isInstalling;
  }

  /** What the configuration says. */
  configure(settings: EffectiveSettings, location: LocationType): void {
    this.#settings = settings;
    this.#location = location;
    this.#judgeLoad();
  }

  /**
   * The condition that makes this computer do without peers; null where none does. A site that is a VPN or the internet says
   * so for all its computers; of what the computer says of itself, the first in the policy's list counts.
   */
  get exception(): ExceptionCondition | null {
    if (this.#location === 'internet') return 'cloud-enabled';
    if (this.#location === 'vpn') return 'vpn';
    const { exceptWhen } = this.#settings;
    const holds: { readonly [Exception in ExceptionCondition]: boolean } = {
      'cloud-enabled': this.#told?.internet === true,
      vpn: this.#told?.vpn === true,
      metered: this.#told?.metered === true,
      battery: this.#told?.onBattery === true,
    };
    return exceptWhen.find((exception) => holds[exception]) ?? null;
  }

  /** For people; null where nothing is excepted. */
  get exceptionSentence(): string | null {
    const { exception } = this;
    return exception === null ? null : exceptionSentences[exception];
  }

  get servingProblem(): ServingProblem | null {
    if (this.#isInstalling || this.#told?.installing) return 'installing';
    if (this.#told?.onBattery && !this.#settings.serveOnBattery) return 'battery';
    return this.#isOverloaded ? 'processor' : null;
  }

  /** What is here can be had from here, at once or when an installation has ended. */
  get hasSomethingToGive(): boolean {
    const problem = this.servingProblem;
    return problem === null || problem === 'installing';
  }

  #judgeLoad(): void {
    const { cpuLimitPercent } = this.#settings;
    const cpuLoadPercent = this.#told?.cpuLoadPercent ?? 0;
    if (cpuLimitPercent === 0) this.#isOverloaded = false;
    else if (cpuLoadPercent > cpuLimitPercent) this.#isOverloaded = true;
    else if (cpuLoadPercent <= cpuLimitPercent - loadHysteresisPercent) this.#isOverloaded = false;
    // A limit below the span would never be fallen short of by it.
    else if (cpuLimitPercent <= loadHysteresisPercent) this.#isOverloaded = false;
  }
}
