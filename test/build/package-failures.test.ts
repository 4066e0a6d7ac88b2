import { expect, it } from 'vitest';
import { whyNoInstallers, whyNotMade } from '../../build/packaging/package-failures.ts';

it.each([
  'getaddrinfo ENOTFOUND github.com',
  'RequestError: connect ECONNREFUSED 10.0.0.1:443',
  'HTTPError: Response code 403 (Forbidden)',
])('says that the runtime could not be downloaded, and what to do: %s', (words) => {
  expect(whyNotMade(`✖ Packaging\n${words}\n    at ClientRequest.<anonymous> (file.js:1:1)`)).toMatch(
    /could not be downloaded.*ELECTRON_OVERRIDE_DIST_PATH/,
  );
});

it('says what else was wrong without a stack', () => {
  const output = '✖ Copying files\nError: no such icon\n    at copy (file.js:1:1)\n    at node:internal/process:1\n\n';
  expect(whyNotMade(output)).toBe('Electron Forge could not make the folder: Error: no such icon.');
  expect(whyNotMade('')).toContain('it gave no reason');
});

it('says that the folder is complete where only its installers could not be made', () => {
  const offline = new Error('failed', { cause: new Error('getaddrinfo EAI_AGAIN github.com') });
  expect(whyNoInstallers(offline, '/out/Fanout')).toMatch(
    /tools that make them could not be downloaded.*\/out\/Fanout/,
  );
  expect(whyNoInstallers(new Error('rpmbuild: not found'), '/out/Fanout')).toBe(
    'The installers were not made: rpmbuild: not found. The application itself is complete in /out/Fanout.',
  );
});
