import type { PackageKey } from '../../base/ids.ts';
import type { Computer } from '../computer.ts';
import type { CataloguePackage } from '../package-catalogue.ts';
import { findByKey } from '../package-catalogue.ts';
import type { Fault } from '../simulation-plan.ts';
import type { SecondCrossing } from '../wan-ledger.ts';
import type { World } from '../world.ts';
import { windowBlocks } from './window-rule.ts';

/** Docs: an emergency crosses the WAN through so many computers at once, anything else through one. */
const emergencyLanes = 4;
/** Under way to the lane before, and to the one that takes over from it. */
const windowsEach = 2;
/** Docs: nobody waits longer for the end of an installation; what is had from nobody else crosses again then. */
const patienceWhileInstallingMs = 300_000;
const urgentPatienceWhileInstallingMs = 30_000;

/**
 * Blocks that cross a WAN link again although somebody near has them (see `WanLedger`) are few. Words get lost, and a claimer
 * may seem dead to some of its followers: then what is under way to it crosses a second time, which is its window, and as much
 * to whoever takes over. Each trouble that the subnet has may bring that about once more. A claim that is not kept costs whole
 * copies instead.
 */
export class OneCopyRule {
  readonly #world: World;
  readonly #faults: readonly Fault[];
  readonly #isEmergency: (key: PackageKey) => boolean;
  readonly #installs: boolean;
  readonly #again = new Map<string, number>();

  /** `catalogue`: what is delivered. */
  constructor(world: World, faults: readonly Fault[], catalogue: readonly CataloguePackage[]) {
    this.#world = world;
    this.#faults = faults;
    this.#isEmergency = (key) => findByKey(catalogue, key)?.plan.priority === 'emergency';
    this.#installs = catalogue.some(({ plan }) => plan.delivery !== undefined);
  }

  note({ computer, source, key, block }: SecondCrossing): void {
    // Who finds the Package Server of its site failing leaves it for a minute: no claim is broken by that.
    if (source.isPackageServer) return;
    // An emergency does not wait for the end of an installation, which may take an hour.
    if (this.#isEmergency(key) && this.#installs) return;
    if (this.#hasBeenWaitedFor(source, key)) return;
    const { index } = computer.subnet;
    const id = `${index} ${key}`;
    const again = (this.#again.get(id) ?? 0) + 1;
    this.#again.set(id, again);
    const windows = windowsEach * (this.#isEmergency(key) ? emergencyLanes : 1) * (1 + this.#troublesOf(index));
    const most = windows * windowBlocks(computer.disk.find(key)?.blocks.size ?? 0);
    const detail = () => `block ${block}, which ${source.name} has, is number ${again} to cross again, ${most} may`;
    this.#world.violations.check(again <= most, 'one-copy', computer.name, detail);
  }

  #hasBeenWaitedFor({ installingSinceMs }: Computer, key: PackageKey): boolean {
    if (installingSinceMs === null) return false;
    const patienceMs = this.#isEmergency(key) ? urgentPatienceWhileInstallingMs : patienceWhileInstallingMs;
    return this.#world.time.nowMs - installingSinceMs >= patienceMs;
  }

  /** What goes wrong with computers or links there. What administrators do, agents take part in orderly. */
  #troublesOf(subnet: number): number {
    return this.#faults.filter((fault) => {
      switch (fault.kind) {
        case 'server-down':
        case 'settings':
          return true;
        case 'cut-wan':
        case 'partition':
          return fault.subnet === subnet;
        case 'roam':
          return fault.toSubnet === subnet || subnetOf(fault.agent) === subnet;
        default:
          return 'agent' in fault && subnetOf(fault.agent) === subnet;
      }
    }).length;
  }
}

function subnetOf(agent: Extract<Fault, { readonly kind: 'kill' }>['agent']): number {
  return 'subnet' in agent ? agent.subnet : agent.firstDownloaderOf;
}
