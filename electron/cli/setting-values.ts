import type { AgentSettings } from '../../shared/contracts/settings.ts';
import { defaultAgentSettings } from '../../shared/contracts/settings.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';

/**
 * `KEY=VALUE` pairs as settings: a text where the setting is one, else JSON; `on` and `off` are true and false. Ranges
 * are the server's to check. Throws a `CommandFailure` for what has no such form.
 */
export function changedSettings(pairs: readonly string[]): Partial<AgentSettings> {
  const changes: [string, unknown][] = pairs.map((pair) => {
    const at = pair.indexOf('=');
    const [key, text] = [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
    if (at < 1) throw new CommandFailure(exitCodes.usage, `"${pair}" is no KEY=VALUE.`);
    if (!Object.hasOwn(defaultAgentSettings, key)) {
      const names = Object.keys(defaultAgentSettings).sort().join(', ');
      throw new CommandFailure(
        exitCodes.usage,
        `There is no setting "${key}". docs/settings.md says what each is for: ${names}.`,
      );
    }
    const present = defaultAgentSettings[key as keyof AgentSettings];
    return [key, typeof present === 'string' ? text : settingValueOf(key, text)];
  });
  return Object.fromEntries(changes) as Partial<AgentSettings>;
}

function settingValueOf(key: string, text: string): unknown {
  if (text === 'on') return true;
  if (text === 'off') return false;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new CommandFailure(exitCodes.usage, `The value of ${key} is no number, on, off or JSON: ${text}`);
  }
}
