import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { cpus, networkInterfaces } from 'node:os';
import path from 'node:path';
import type { ComputerConditions } from '../../shared/contracts/conditions.ts';
import type { ConditionsReader } from './conditions-adapter.ts';

/** The load is an average over three of these: a moment of work is not a busy computer. */
const loadEveryMs = 5000;
const loadSamples = 3;
/** Power, adapters and what the connection costs change by hand. */
const stateEveryMs = 30_000;
/** A program that does not answer is ended and asked again at the next look. */
const programTimeoutMs = 5000;
const maxOutputBytes = 64 * 1024;
const powerSupplyFolder = '/sys/class/power_supply';

/** Adapters that tunnels make: `tun0`, `tap0`, `ppp0`, `wg0`, `utun3` and the names of well-known products on Windows. */
const vpnAdapter =
  /^(?:tun|tap|ppp|wg|utun|ipsec)\d*$|\b(?:vpn|wireguard|openvpn|anyconnect|globalprotect|fortinet|zscaler|tap-windows)\b/i;

/** What only a program of the system can say: its name, its arguments, and what its output means. */
interface Question {
  readonly program: string;
  readonly arguments: readonly string[];
  readonly read: (output: string) => Partial<ComputerConditions>;
  /** What holds where the program is not there, or cannot say. */
  readonly otherwise: Partial<ComputerConditions>;
}

export interface ComputerConditionsOptions {
  /** The adapter that the agent uses, for what its connection costs. */
  readonly interfaceName: () => string;
}

/**
 * Reads the conditions of this computer. What cannot be read counts as nothing the matter.
 *
 * - Load: `os.cpus()`, everywhere.
 * - Power: /sys/class/power_supply (Linux), `pmset -g batt` (macOS), Win32_Battery by PowerShell (Windows).
 * - VPN: names of the adapters that have an address; a tunnel that takes the place of the local network has one.
 * - Metered: NetworkManager by `nmcli` (Linux), the connection cost of the profile by PowerShell (Windows). macOS tells no
 *   program.
 * - Internet: not read here; the site's location type says it. Installing: set by whoever installs.
 */
export class ComputerConditionsReader implements ConditionsReader {
  readonly #options: ComputerConditionsOptions;
  readonly #loads: number[] = [];
  #timers: NodeJS.Timeout[] = [];
  #lastTimes = cpuTimes();
  #isReading = false;

  constructor(options: ComputerConditionsOptions) {
    this.#options = options;
  }

  open(changed: (part: Partial<ComputerConditions>) => void): void {
    const load = setInterval(() => changed({ cpuLoadPercent: this.#load() }), loadEveryMs);
    const state = setInterval(() => void this.#readState(changed), stateEveryMs);
    this.#timers = [load, state];
    for (const timer of this.#timers) timer.unref();
    void this.#readState(changed);
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers = [];
  }

  #load(): number {
    const now = cpuTimes();
    const busy = now.busyMs - this.#lastTimes.busyMs;
    const all = busy + now.idleMs - this.#lastTimes.idleMs;
    this.#lastTimes = now;
    this.#loads.push(all <= 0 ? 0 : (busy * 100) / all);
    if (this.#loads.length > loadSamples) this.#loads.shift();
    return Math.round(this.#loads.reduce((sum, load) => sum + load, 0) / this.#loads.length);
  }

  /** One look at a time: a slow program is not asked again before it has answered. */
  async #readState(changed: (part: Partial<ComputerConditions>) => void): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    changed({ vpn: hasVpnAdapter() });
    if (process.platform === 'linux') changed({ onBattery: await isOnBattery(powerSupplyFolder) });
    for (const question of questionsOf(process.platform, this.#options.interfaceName())) {
      changed(await answerTo(question));
    }
    this.#isReading = false;
  }
}

function cpuTimes(): { readonly busyMs: number; readonly idleMs: number } {
  let busyMs = 0;
  let idleMs = 0;
  for (const { times } of cpus()) {
    busyMs += times.user + times.nice + times.sys + times.irq;
    idleMs += times.idle;
  }
  return { busyMs, idleMs };
}

function hasVpnAdapter(): boolean {
  return Object.entries(networkInterfaces()).some(
    ([name, addresses]) => isVpnAdapterName(name) && addresses?.some(({ internal }) => !internal) === true,
  );
}

export function isVpnAdapterName(name: string): boolean {
  return vpnAdapter.test(name);
}

/** A mains adapter that is plugged in decides; without one a battery that discharges does. `folder`: as in /sys. */
export async function isOnBattery(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch(() => []);
  let hasMains = false;
  let isDischarging = false;
  for (const name of names) {
    const read = (file: string): Promise<string> =>
      readFile(path.join(folder, name, file), 'utf8').then(
        (text) => text.trim(),
        () => '',
      );
    const type = await read('type');
    // Batteries of mice and keyboards say nothing of the computer.
    if ((await read('scope')) === 'Device') continue;
    if (type === 'Mains' || type === 'USB') hasMains ||= (await read('online')) === '1';
    else if (type === 'Battery') isDischarging ||= (await read('status')) === 'Discharging';
  }
  return !hasMains && isDischarging;
}

/** Only what is fixed goes into a command line, and the adapter's name as an argument of its own. */
export function questionsOf(platform: NodeJS.Platform, interfaceName: string): readonly Question[] {
  switch (platform) {
    case 'linux':
      return [
        {
          program: 'nmcli',
          arguments: ['-g', 'GENERAL.METERED', 'device', 'show', interfaceName],
          // "yes", "no", "yes (guessed)", "no (guessed)", "unknown"
          read: (output) => ({ metered: output.trim().startsWith('yes') }),
          otherwise: { metered: false },
        },
      ];
    case 'darwin':
      return [
        {
          program: 'pmset',
          arguments: ['-g', 'batt'],
          read: (output) => ({ onBattery: output.includes("'Battery Power'") }),
          otherwise: { onBattery: false },
        },
      ];
    case 'win32':
      return [
        // Empty without a battery; 1 = discharging.
        powerShell(
          '(Get-CimInstance Win32_Battery).BatteryStatus',
          (output) => ({
            onBattery: output.split(/\s+/).includes('1'),
          }),
          { onBattery: false },
        ),
        // 0 unknown, 1 unrestricted, 2 fixed, 3 variable.
        powerShell(
          '[Windows.Networking.Connectivity.NetworkInformation,Windows,ContentType=WindowsRuntime]' +
            '::GetInternetConnectionProfile().GetConnectionCost().NetworkCostType.value__',
          (output) => ({ metered: ['2', '3'].includes(output.trim()) }),
          { metered: false },
        ),
      ];
    default:
      return [];
  }
}

function powerShell(command: string, read: Question['read'], otherwise: Question['otherwise']): Question {
  return {
    program: 'powershell.exe',
    arguments: ['-NoProfile', '-NonInteractive', '-Command', command],
    read,
    otherwise,
  };
}

/** Nothing new where the computer is too busy for an answer in time. */
function answerTo(question: Question): Promise<Partial<ComputerConditions>> {
  return new Promise((resolve) => {
    const options = { timeout: programTimeoutMs, maxBuffer: maxOutputBytes, windowsHide: true };
    execFile(question.program, question.arguments, options, (error, output) => {
      if (error === null) resolve(question.read(output));
      else resolve(error.killed === true ? {} : question.otherwise);
    });
  });
}
