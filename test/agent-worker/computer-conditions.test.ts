import { chmod, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, it } from 'vitest';
import { ComputerConditionsReader } from '../../electron/agent-worker/computer-conditions.ts';
import { ConditionsAdapter } from '../../electron/agent-worker/conditions-adapter.ts';
import { normalConditions } from '../../shared/contracts/conditions.ts';
import type { TemporaryFolder } from '../support/agent-fixtures.ts';
import { eventually, temporaryFolder } from '../support/agent-fixtures.ts';

describe.runIf(process.platform === 'linux')('what the connection costs', () => {
  let folder: TemporaryFolder;
  let metered: boolean[];
  let adapter: ConditionsAdapter;
  const systemPath = process.env.PATH;

  beforeEach(async () => {
    folder = await temporaryFolder();
    process.env.PATH = `${folder.path}:/bin`;
    metered = [];
    adapter = new ConditionsAdapter(normalConditions, (conditions) => metered.push(conditions.metered));
  });

  afterEach(async () => {
    adapter.close();
    process.env.PATH = systemPath;
    await folder.remove();
  });

  const nmcli = async (script: string): Promise<void> => {
    await writeFile(path.join(folder.path, 'nmcli'), `#!/bin/sh\n${script}\n`);
    await chmod(path.join(folder.path, 'nmcli'), 0o755);
  };
  /** A reader looks at once when it is opened, and the next one goes on with what the one before has found. */
  const look = (): void => adapter.follow(new ComputerConditionsReader({ interfaceName: () => 'wlan0' }));

  it('is asked of NetworkManager', async () => {
    await nmcli('echo "yes (guessed)"');
    look();
    await eventually('it is metered', () => metered.at(-1) === true);
  });

  it.each([
    ['knows the adapter no longer', () => nmcli('exit 10')],
    ['is gone', () => rm(path.join(folder.path, 'nmcli'))],
  ])('is nothing any more where NetworkManager %s', async (_what, change) => {
    await nmcli('echo yes');
    look();
    await eventually('it is metered', () => metered.at(-1) === true);
    await change();
    look();
    await eventually('it is metered no longer', () => metered.at(-1) === false, 4000);
  });
});
