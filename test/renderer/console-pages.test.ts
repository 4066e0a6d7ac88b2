import { expect, it } from 'vitest';
import { consoleMenuPages, isConsolePage, matchPath, pageOfLink } from '../../shared/contracts/console-pages.ts';

it('finds the parameters of an address', () => {
  expect(matchPath('/agents/:agentId/:tab?', '/agents/ab')).toEqual({ agentId: 'ab', tab: '' });
  expect(matchPath('/packages/:guid/:version', '/packages/g/1.0%2B2')).toEqual({ guid: 'g', version: '1.0+2' });
});

it('matches no address that is longer, shorter or broken', () => {
  expect(matchPath('/agents', '/agents/ab')).toBeNull();
  expect(matchPath('/packages/:guid/:version', '/packages/g')).toBeNull();
  expect(matchPath('/agents/:agentId', '/agents/%E0%A4%A')).toBeNull();
});

it('leads from the menu to pages that exist', () => {
  for (const { path } of consoleMenuPages) expect(isConsolePage(path), path).toBe(true);
});

it.each([
  ['fanout://agents/6f1c', '/agents/6f1c'],
  ['fanout://agents/6f1c/peers', '/agents/6f1c/peers'],
  ['fanout://overview', '/overview'],
  ['fanout://overview/', '/overview'],
  ['fanout://packages/0b2d-77/1.0.2', '/packages/0b2d-77/1.0.2'],
  ['fanout://settings/targeted-agent-settings', '/settings/targeted-agent-settings'],
])('takes %s for the page %s', (link, page) => {
  expect(pageOfLink(link)).toBe(page);
});

it.each([
  'fanout://nowhere',
  'fanout://packages/only-a-guid',
  'fanout://agents/a/b/c/d',
  'fanout://agents/..',
  'fanout://agents/%2e%2e/sign-in',
  'fanout://agents/a?token=x',
  'fanout://agents/a#token=x',
  'fanout://agents//a',
  'fanout://user:password@agents/a',
  'fanout://agents:80/a',
  'fanout:agents/a',
  'fanout://agents/a b',
  'fanout://agents/a\n',
  'fanout://agents/"--no-sandbox',
  'fanout://agents/<script>',
  `fanout://agents/${'a'.repeat(500)}`,
  'FANOUT://agents/a',
  'https://agents/a',
  'javascript:alert(1)',
  '',
])('refuses the link %j', (link) => {
  expect(pageOfLink(link)).toBeNull();
});
